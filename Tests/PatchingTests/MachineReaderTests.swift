import Testing
import Workflow

@testable import Patching

@Suite struct MachineReaderTests {
    private func status(_ texts: [String: String], codes: [String: Int] = [:]) -> PatchStatus {
        let output = texts.map { "@@begin \($0)\n\($1)\n@@end \($0) \(codes[$0] ?? 0)\n" }.joined()
        return MachineReader(sections: ScriptSections(output: output)).complete(PatchStatus(pending: []))
    }

    static let units: [(text: String, code: Int, expected: String)] = [
        ("NFailedUnits=0", 0, "read "),
        (
            "NFailedUnits=2\na.service loaded failed failed A\n● b.mount loaded failed failed B", 0,
            "read a.service,b.mount"
        ),
        ("NFailedUnits=2", 0, "unreadable"), ("NFailedUnits=", 0, "unreadable"), ("", 0, "unreadable"),
        ("Failed to connect to bus: Permission denied", 1, "unreadable"), ("NFailedUnits=0", 1, "unreadable"),
        ("root-elsewhere", 0, "notApplicable"), ("no-systemd tini", 0, "notApplicable"),
        ("no-systemd systemd", 0, "unreadable"), ("no-systemd ", 0, "unreadable"),
    ]

    @Test(arguments: units) func failedUnits(_ example: (text: String, code: Int, expected: String)) {
        let part = status(["failed-units": example.text], codes: ["failed-units": example.code]).failedUnits
        #expect(part.map(words) == example.expected)
    }

    static let stale: [(text: String, expected: String)] = [
        ("complete", "read "), ("root-elsewhere", "notApplicable"), ("unreadable", "unreadable"), ("", "unreadable"),
        ("process /system.slice/nginx.service nginx", "unreadable"),
        (
            """
            process /system.slice/nginx.service nginx
            process /system.slice/nginx.service nginx
            process /user.slice/user-0.slice/session-1.scope sshd
            process /init.scope systemd
            process / sleep
            service cron.service
            complete
            """, "read cron.service,nginx.service,sleep,systemd"
        ),
    ]

    @Test(arguments: stale) func staleServices(_ example: (text: String, expected: String)) {
        #expect(status(["stale-services": example.text]).staleServices.map(words) == example.expected)
    }

    @Test func cloudInit() {
        let done = #"{"v1": {"datasource": "DataSourceEc2Local", "errors": []}}"#
        let running = #"""
            {
             "v1": {
              "datasource": "DataSourceEc2Local",
              "init": {"errors": [], "finished": 1700000000.1, "recoverable_errors": {}, "start": 1700000000.0},
              "init-local": {"errors": ["no disk"], "finished": 1.5, "start": 1.0},
              "modules-config": {"errors": [], "finished": null, "start": 1.0,
                "recoverable_errors": {"WARNING": ["old key"]}},
              "stage": "modules-config"
             }
            }
            """#
        let installed = ["cloud-init": "installed"]
        func result(_ texts: [String: String]) -> PatchPart<CloudInitResult>? {
            status(installed.merging(texts) { $1 }).cloudInit
        }
        #expect(result(["cloud-init-result": done]) == .read(value: CloudInitResult(state: .done)))
        let failed = done.replacing("[]", with: #"["('scripts-user', RuntimeError('x'))"]"#)
        #expect(
            result(["cloud-init-result": failed, "cloud-init-status": running])
                == .read(
                    value: CloudInitResult(
                        state: .done, errors: ["('scripts-user', RuntimeError('x'))"], warnings: ["old key"])))
        #expect(
            result(["cloud-init-status": running])
                == .read(value: CloudInitResult(state: .running, errors: ["no disk"], warnings: ["old key"])))
        #expect(result(["cloud-init": "installed\ndisabled"]) == .read(value: CloudInitResult(state: .disabled)))
        #expect(result([:]).map(words) == "unreadable")
        #expect(result(["cloud-init": ""]).map(words) == "notApplicable")
        #expect(result(["cloud-init": "root-elsewhere"]).map(words) == "notApplicable")
        for broken in ["", "{", "{}", #"{"v1": {}}"#, #"{"v1": {"errors": null}}"#] {
            #expect(result(["cloud-init-result": broken]).map(words) == "unreadable", "\(broken)")
        }
        #expect(result(["cloud-init-status": "[]"]).map(words) == "unreadable")
        #expect(status([:]).cloudInit.map(words) == "unreadable")
    }

    static let releases: [(text: String, name: String, end: String?)] = [
        (
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian",
            "Debian GNU/Linux 12 (bookworm)", "2028-06-30"
        ),
        ("PRETTY_NAME=\"Ubuntu 22.04.5 LTS\"\nVERSION_ID=\"22.04\"\nID=ubuntu", "Ubuntu 22.04.5 LTS", "2027-06-01"),
        ("NAME='Rocky Linux'\nID=\"rocky\"\nVERSION_ID=\"9.4\"", "rocky 9.4", "2032-05-31"),
        (
            "PRETTY_NAME=\"Fedora Linux 41\"\nID=fedora\nVERSION_ID=41\nSUPPORT_END=2025-12-15", "Fedora Linux 41",
            "2025-12-15"
        ),
        ("PRETTY_NAME=\"Debian GNU/Linux forky/sid\"\nID=debian", "Debian GNU/Linux forky/sid", nil),
    ]

    @Test(arguments: releases) func release(_ example: (text: String, name: String, end: String?)) {
        let release = status(["os-release": example.text]).release
        #expect(release == MachineRelease(name: example.name, supportEnds: example.end))
    }

    @Test func aMachineThatDoesNotSayWhatItIsHasNoRelease() {
        #expect(status([:]).release == nil)
        #expect(status(["os-release": "rubbish"]).release == nil)
    }

    private func words<Value>(_ part: PatchPart<Value>) -> String {
        switch part {
        case .read(let value): "read \((value as? [String])?.joined(separator: ",") ?? "\(value)")"
        case .notApplicable: "notApplicable"
        case .unreadable: "unreadable"
        }
    }
}
