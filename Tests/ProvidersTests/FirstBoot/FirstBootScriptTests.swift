import Foundation
import Testing
import Workflow

@testable import Providers

/// A temporary root with programs that only write down how they were called.
private final class ScriptBench {
    let root = "/tmp/changeover-first-boot-\(UUID().uuidString.prefix(8))"

    init(_ programs: [String: String], without missing: [String] = []) throws {
        for folder in ["bin", "proc/sys/kernel/random", "var/lib", "etc", "run"] {
            try FileManager.default.createDirectory(
                atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
        }
        // Only these are to be found, so that nothing of the machine itself is touched.
        for tool in ["cat", "tr", "cut", "mv", "rm", "mkdir", "cp", "chmod", "sed", "grep", "sort", "basename"] {
            let path = try #require(["/usr/bin/\(tool)", "/bin/\(tool)"].first(where: FileManager.default.fileExists))
            try FileManager.default.createSymbolicLink(atPath: "\(root)/bin/\(tool)", withDestinationPath: path)
        }
        var programs = programs
        for name in ["sleep", "systemd-run", "shutdown"] where programs[name] == nil { programs[name] = "" }
        for (name, body) in programs where !missing.contains(name) {
            try write("bin/\(name)", "#!/bin/sh\nprintf '%s\\n' \"\(name) $*\" >>\"$ROOT/log\"\n\(body)\n")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: "\(root)/bin/\(name)")
        }
        try boot("one")
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func write(_ path: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(root)/\(path)"))
    }

    func boot(_ id: String) throws { try write("proc/sys/kernel/random/boot_id", "\(id)\n") }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(root)/\(path)") }

    func read(_ path: String) -> String {
        FileManager.default.contents(atPath: "\(root)/\(path)").map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    var report: FirstBootReport? { FirstBootReport(file: read("var/lib/changeover/first-boot.json")) }
    var log: [String] { read("log").split(separator: "\n").map(String.init) }

    /// Runs the script as cloud-init would, or its copy as the next boot would.
    @discardableResult
    func run(_ policy: PatchPolicy = PatchPolicy(), again: Bool = false) async throws -> CommandResult {
        if !again { try write("script.sh", FirstBootScript(policy: policy).text) }
        let path = again ? "\(root)/var/lib/changeover/first-boot.sh" : "\(root)/script.sh"
        // The script adds the system's folders to its path; without a namespace, hide them by their names.
        let text = read(again ? "var/lib/changeover/first-boot.sh" : "script.sh").replacingOccurrences(
            of: ":/usr/local/sbin:/usr/sbin:/sbin", with: "")
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try await ControllerCommandRunner(environment: [:]).run(
            Command(
                ["/bin/sh", path],
                environment: ["PATH": "\(root)/bin", "ROOT": root, "CHANGEOVER_FIRST_BOOT_ROOT": root],
                timeout: .seconds(30)))
    }
}

@Suite("The first-boot script, with programs that only write down how they were called")
struct FirstBootScriptTests {
    private let apt = ["apt-get": "", "dpkg": "", "dpkg-query": "echo installed linux-image-1 1", "needrestart": ""]

    @Test("Every policy makes a script that shells can parse, and of it only enumerations")
    func parses() async throws {
        for scope in PatchPolicy.Scope.allCases {
            for reboot in PatchPolicy.Reboot.allCases {
                let policy = PatchPolicy(scope: scope, gems: true, reboot: reboot)
                let result = try await ControllerCommandRunner().run(
                    Command(["sh", "-n"], input: FirstBootScript(policy: policy).text))
                #expect(result.exitCode == 0 && result.errorOutput.isEmpty, "\(result.errorOutput)")
            }
        }
    }

    @Test("All updates by apt, no reboot")
    func all() async throws {
        let bench = try ScriptBench(apt)
        let result = try await bench.run()
        #expect(result.exitCode == 0)
        #expect(bench.report == FirstBootReport(status: .finished, detail: "updated, no reboot needed", bootId: "one"))
        #expect(bench.log.contains { $0.hasSuffix(" dist-upgrade") && $0.contains("confold") })
        #expect(bench.log.contains { $0.hasPrefix("apt-get") && $0.contains("Error-Mode=any update") })
        #expect(FirstBootReport(console: result.output)?.status == .finished)
        #expect(!bench.exists("var/lib/cloud/scripts/per-boot/zz-changeover-first-boot"))
    }

    @Test("Security updates only")
    func security() async throws {
        var programs = apt
        programs["apt-get"] = """
            case "$*" in *" -s "*)
            echo 'Inst openssl [1] (2 Debian-Security:12/stable-security [amd64])'
            echo 'Inst vim [1] (2 Debian:12.1/stable [amd64])'
            echo 'Inst libssl3 [1] (2 Ubuntu:22.04/jammy-security [amd64])' ;;
            esac
            """
        let bench = try ScriptBench(programs)
        try await bench.run(PatchPolicy(scope: .security))
        #expect(bench.report?.status == .finished)
        #expect(bench.log.contains { $0.hasSuffix(" install --only-upgrade openssl libssl3") })
        #expect(!bench.log.contains { $0.hasSuffix(" dist-upgrade") && !$0.contains(" -s ") })
    }

    @Test("A new kernel is booted, and the boot id proves it")
    func reboot() async throws {
        var programs = apt
        programs["dpkg-query"] = "echo installed linux-image $(grep -c dpkg-query \"$ROOT/log\")"
        let bench = try ScriptBench(programs)
        try await bench.run()
        #expect(bench.report == FirstBootReport(status: .running, detail: "rebooting", bootId: "one"))
        #expect(bench.log.contains { $0.hasPrefix("systemd-run") && $0.contains("cloud-init status --wait") })
        let hook = "var/lib/cloud/scripts/per-boot/zz-changeover-first-boot"
        #expect(bench.read(hook) == "#!/bin/sh\nexec /bin/sh /var/lib/changeover/first-boot.sh\n")
        // Run once more without a reboot it proves nothing.
        try await bench.run(again: true)
        #expect(bench.report?.status == .running)
        try bench.boot("two")
        try await bench.run(again: true)
        #expect(bench.report == FirstBootReport(status: .finished, detail: "updated and rebooted", bootId: "two"))
        #expect(!bench.exists(hook))
        #expect(bench.log.filter { $0.hasSuffix(" dist-upgrade") }.count == 1)
    }

    @Test("Where our unit runs it, that stays until the end, and nothing of cloud-init is written or waited for")
    func unit() async throws {
        let bench = try ScriptBench(apt)
        let wants = "etc/systemd/system/multi-user.target.d/changeover.conf"
        let unit = "etc/systemd/system/changeover-first-boot.service"
        try FileManager.default.createDirectory(
            atPath: "\(bench.root)/etc/systemd/system/multi-user.target.d", withIntermediateDirectories: true)
        for path in [wants, unit] { try bench.write(path, "x") }
        try bench.write("run/reboot-required", "")
        try await bench.run()
        #expect(bench.report?.detail == "rebooting" && bench.exists(wants) && bench.exists(unit))
        #expect(!bench.exists("var/lib/cloud"))
        let reboot = bench.log.filter { $0.hasPrefix("systemd-run") }
        #expect(reboot.count == 1 && !reboot[0].contains("cloud-init") && reboot[0].contains("systemctl reboot"))
        try bench.boot("two")
        try await bench.run(again: true)
        #expect(bench.report == FirstBootReport(status: .finished, detail: "updated and rebooted", bootId: "two"))
        #expect(!bench.exists(wants) && !bench.exists(unit))
    }

    @Test("The flag file and needrestart ask for a reboot too; the policy may forbid it", arguments: [true, false])
    func evidence(_ isFlag: Bool) async throws {
        var programs = apt
        if !isFlag { programs["needrestart"] = "echo NEEDRESTART-KSTA: 3" }
        let bench = try ScriptBench(programs)
        if isFlag { try bench.write("run/reboot-required", "") }
        try await bench.run(PatchPolicy(reboot: .never))
        #expect(bench.report?.status == .finished)
        #expect(bench.report?.detail.contains("a reboot is pending") == true)
        #expect(!bench.log.contains { $0.hasPrefix("systemd-run") })
        try await bench.run(PatchPolicy(reboot: .ifRequired))
        #expect(bench.report?.detail == "rebooting")
    }

    @Test("What fails says so, after five tries where the network may be to blame")
    func failures() async throws {
        var programs = apt
        programs["apt-get"] = "case \"$*\" in *update) exit 100 ;; esac"
        let bench = try ScriptBench(programs)
        #expect(try await bench.run().exitCode == 1)
        #expect(bench.report?.detail == "apt-get update failed")
        #expect(bench.log.filter { $0.hasSuffix(" update") }.count == 5)
        programs["apt-get"] = "case \"$*\" in *dist-upgrade) exit 100 ;; esac"
        let other = try ScriptBench(programs)
        try await other.run()
        #expect(other.report == FirstBootReport(status: .failed, detail: "apt-get dist-upgrade failed", bootId: "one"))
        let without = try ScriptBench([:])
        try await without.run()
        #expect(without.report?.status == .failed)
        #expect(without.report?.detail.contains("no package manager") == true)
    }

    @Test("An interrupted run is begun anew on the next boot")
    func interrupted() async throws {
        var programs = apt
        programs["apt-get"] = "case \"$*\" in *dist-upgrade) [ -e \"$ROOT/again\" ] || kill -9 $PPID ;; esac"
        let bench = try ScriptBench(programs)
        try await bench.run()
        #expect(bench.report?.status == .running)
        try bench.boot("two")
        try bench.write("again", "")
        try await bench.run(again: true)
        #expect(bench.report?.status == .finished)
    }

    @Test("On a full disk the last report that could be written stays, and an end without one is a failure")
    func fullDisk() async throws {
        let bench = try ScriptBench(apt)
        let state = "\(bench.root)/var/lib/changeover"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        let last = "{\"status\":\"running\",\"detail\":\"x\",\"bootId\":\"one\"}\n"
        try bench.write("var/lib/changeover/first-boot.json", last)
        // It can be opened, but takes nothing.
        try FileManager.default.createSymbolicLink(
            atPath: "\(state)/first-boot.new", withDestinationPath: "/dev/full")
        let result = try await bench.run()
        #expect(result.exitCode == 1 && FirstBootReport(console: result.output)?.status == .finished)
        #expect(bench.read("var/lib/changeover/first-boot.json") == last)
    }

    @Test("dnf and yum; Amazon Linux 2023 is told not to keep to old repositories", arguments: ["dnf", "yum"])
    func dnf(_ tool: String) async throws {
        let bench = try ScriptBench([tool: "", "rpm": "echo kernel-1"])
        try bench.write("etc/os-release", "NAME=x\nID=\"amzn\"\n")
        try await bench.run(PatchPolicy(scope: .security))
        #expect(bench.report?.status == .finished)
        let wanted = tool == "dnf" ? "dnf -y --releasever=latest upgrade --security" : "yum -y upgrade --security"
        #expect(bench.log.contains(wanted), "\(bench.log)")
        let other = try ScriptBench([tool: "", "rpm": "echo kernel-1", "needs-restarting": "exit 1"])
        try await other.run()
        #expect(other.log.contains("\(tool) -y upgrade"))
        #expect(other.report?.detail == "rebooting")
    }

    @Test("Gems when asked for", arguments: [true, false])
    func gems(_ gems: Bool) async throws {
        let bench = try ScriptBench(apt.merging(["gem": ""]) { $1 })
        try await bench.run(PatchPolicy(gems: gems))
        #expect(bench.log.contains("gem update --no-document") == gems)
    }

    @Test("Odd output cannot break the report")
    func report() {
        #expect(FirstBootReport(file: "{\"status\":\"done\"}") == nil)
        let console = "x changeover: first-boot running a\n[ 1.2] changeover: first-boot failed apt broke\nlogin:"
        #expect(FirstBootReport(console: console) == FirstBootReport(status: .failed, detail: "apt broke"))
        #expect(FirstBootReport(console: "nothing") == nil)
    }
}
