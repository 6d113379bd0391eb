import Foundation
import Testing
import Workflow

@testable import Patching

/// Updates by the real apt and dpkg.
@Suite(.timeLimit(.minutes(5))) struct UpdateTests {
    private typealias Package = AptLab.Package

    private static let installed = [Package("demo-web", "1.0"), Package("demo-lib", "1.0")]

    @Test func installsEveryUpdateAndRecordsWhatChanged() async throws {
        try await AptLab.use(Self.installed) { lab in
            var web = Package("demo-web", "1.1")
            web.fields = ["Depends: demo-ca"]
            try await lab.publish([web, Package("demo-ca", "1.0")])
            try await lab.publish([Package("demo-lib", "1.2")], in: "security")
            #expect(try await lab.status() == .absent)
            let result = try await lab.update()
            #expect(result.failure == nil, "\(lab.log)")
            #expect(
                result.changes == [
                    .init(package: "demo-ca", before: nil, after: "1.0"),
                    .init(package: "demo-lib", before: "1.0", after: "1.2"),
                    .init(package: "demo-web", before: "1.0", after: "1.1"),
                ])
            #expect(result.held == [] && result.restartedServices == [])
            // A root that nothing booted from.
            #expect(result.rebootRequired == false && result.bootID == nil)
            #expect(try await lab.updater.bootID(via: lab.runner) == nil)
            // Begun again, it has ended and nothing is run.
            try await lab.publish([Package("demo-lib", "1.3")])
            #expect(try await lab.update() == result)
            #expect(try await lab.version(of: "demo-lib") == "1.2")
            #expect(lab.processes() == [])
        }
    }

    @Test func worksWithoutAptsLocksAsOnALocalInstance() async throws {
        try await AptLab.use(Self.installed) { lab in
            try lab.configure("Debug::NoLocking \"true\";")
            try await lab.publish([Package("demo-web", "1.1")])
            let result = try await lab.update()
            #expect(result.failure == nil && result.changes.map(\.package) == ["demo-web"], "\(lab.log)")
        }
    }

    @Test func securityOnlyLeavesOtherUpdatesAndMarksAlone() async throws {
        try await AptLab.use(Self.installed + [Package("demo-tls", "1.0")]) { lab in
            var tls = Package("demo-tls", "1.1")
            tls.fields = ["Depends: demo-ca"]
            try await lab.publish([Package("demo-web", "1.1"), Package("demo-ca", "1.0")])
            try await lab.publish([tls, Package("demo-lib", "1.2")], in: "security")
            try await lab.shell("apt-mark auto demo-lib")
            let result = try await lab.update(PatchPolicy(scope: .security))
            #expect(result.failure == nil, "\(lab.log)")
            #expect(result.changes.map(\.package) == ["demo-ca", "demo-lib", "demo-tls"])
            #expect(try await lab.version(of: "demo-web") == "1.0")
            let automatic = try await lab.shell("apt-mark showauto").split(separator: "\n")
            #expect(automatic.sorted() == ["demo-ca", "demo-lib"])
        }
    }

    @Test func heldPackagesStayAndAreNamed() async throws {
        try await AptLab.use(Self.installed) { lab in
            try await lab.publish([Package("demo-web", "1.1"), Package("demo-lib", "1.2")])
            try await lab.shell("apt-mark hold demo-web")
            let result = try await lab.update()
            #expect(result.failure == nil && result.held == ["demo-web"], "\(lab.log)")
            #expect(result.changes.map(\.package) == ["demo-lib"])
            #expect(lab.log.contains("held back by the administrator, not updated: demo-web"))
        }
    }

    @Test func aChangedConfigurationFileIsKept() async throws {
        var old = Package("demo-web", "1.0")
        old.configuration = "as it was\n"
        try await AptLab.use([old]) { lab in
            try lab.write("as the administrator wants it\n", to: "root/etc/demo-web.conf")
            var new = Package("demo-web", "1.1")
            new.configuration = "as it shall be\n"
            try await lab.publish([new])
            let result = try await lab.update()
            #expect(result.failure == nil && result.changes.count == 1, "\(lab.log)")
            #expect(lab.read("root/etc/demo-web.conf") == "as the administrator wants it\n")
            #expect(lab.read("root/etc/demo-web.conf.dpkg-dist") == "as it shall be\n")
        }
    }

    @Test func aRepositoryThatIsDownIsAFailureThatChangesNothing() async throws {
        try await AptLab.use(Self.installed) { lab in
            try await lab.publish([Package("demo-web", "1.1")])
            try await lab.shell(
                "echo 'deb [trusted=yes] http://ann:secret@127.0.0.1:1/ down main' >>\"$0/root/etc/apt/sources.list\"")
            let result = try await lab.update()
            #expect(result.failure?.contains("apt-get update exited with 100") == true, "\(lab.log)")
            #expect(result.failure?.contains("127.0.0.1:1") == true)
            #expect(result.changes == [])
            let lines = try await lab.updater.progress(of: AptLab.token, after: 0, via: lab.runner).lines
            #expect(!lines.contains { $0.contains("secret") } && result.failure?.contains("secret") == false)
            #expect(lines.last == "changeover: ended with a failure")
        }
    }

    @Test func aMachineWithoutRepositoryCannotBeUpdated() async throws {
        try await AptLab.use(Self.installed) { lab in
            try lab.write("", to: "root/etc/apt/sources.list")
            #expect(try await lab.update().failure?.contains("no package repository") == true)
        }
    }

    @Test func whatAFailedUpdateChangedIsRecorded() async throws {
        try await AptLab.use(Self.installed) { lab in
            var web = Package("demo-web", "1.1")
            web.fields = ["Depends: demo-lib (>= 1.2)"]
            web.postinst = "echo this one fails; exit 3"
            try await lab.publish([web, Package("demo-lib", "1.2")])
            let result = try await lab.update()
            #expect(result.failure?.contains("apt-get dist-upgrade exited with 100") == true)
            #expect(result.changes.map(\.package) == ["demo-lib", "demo-web"])
            #expect(lab.log.contains("this one fails"))
        }
    }

    @Test func aPackageThatWasLeftHalfConfiguredIsRepairedFirst() async throws {
        var broken = Package("demo-app", "1.0")
        broken.postinst = #"[ -e "$DPKG_ROOT/run/repaired" ]"#
        try await AptLab.use(Self.installed) { lab in
            try await lab.publish([broken, Package("demo-web", "1.1")])
            let options = #"--root="$0/root" --force-not-root --force-script-chrootless --log=/dev/null"#
            try await lab.shell("! dpkg \(options) -i \"$0/repository/pool/main/demo-app_1.0_all.deb\"")
            let findings = try await lab.updater.findings(for: PatchPolicy(), via: lab.runner)
            #expect(findings.contains { $0.code == "package-state" && $0.severity == .warning }, "\(findings)")
            try lab.write("", to: "root/run/repaired")
            let result = try await lab.update()
            #expect(result.failure == nil && result.changes.map(\.package) == ["demo-web"], "\(lab.log)")
            #expect(try await lab.shell("dpkg --audit") == "")
        }
    }

    @Test func aScopeOfNothingInstallsNothing() async throws {
        try await AptLab.use(Self.installed) { lab in
            try await lab.publish([Package("demo-web", "1.1")])
            let result = try await lab.update(PatchPolicy(scope: .none))
            #expect(result.failure == nil && result.changes == [], "\(lab.log)")
        }
    }

    @Test func outputIsReadInWholeLinesFromWhereTheLastLookEnded() async throws {
        try await AptLab.use(Self.installed) { lab in
            var web = Package("demo-web", "1.1")
            web.postinst = #"""
                i=0
                while [ $i -lt 9000 ]; do echo "line $i of many, which is padded to be longer, a b c d e f g"; i=$((i+1)); done
                """#
            try await lab.publish([web])
            #expect(try await lab.update().failure == nil)
            let (updater, runner) = (lab.updater, lab.runner)
            let all = try await updater.progress(of: AptLab.token, after: 0, via: runner)
            #expect(
                all.lines
                    == lab.log.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init))
            #expect(all.offset == lab.log.utf8.count && all.offset > 2 * UpdateScript.lookBytes)
            let rest = try await updater.progress(of: AptLab.token, after: all.offset, via: runner)
            #expect(rest.lines == [] && rest.offset == all.offset)
            // From the second line on.
            let first = (all.lines.first ?? "").utf8.count + 1
            let second = try await updater.progress(of: AptLab.token, after: first, via: runner)
            #expect(second.lines == Array(all.lines.dropFirst()))
        }
    }

    @Test func aTokenThatIsNoPlainNameIsRefused() async throws {
        try await AptLab.use([]) { lab in
            for text in ["", "a/b", "../x", "A", "a b", "a;b", String(repeating: "a", count: 65)] {
                var request = lab.request()
                request.token = UpdateToken(text)
                let error = await #expect(throws: UpdateError.self) {
                    try await lab.updater.begin(request, via: lab.runner)
                }
                #expect(error?.code == .commandFailed)
                await #expect(throws: UpdateError.self) {
                    try await lab.updater.progress(of: request.token, after: 0, via: lab.runner)
                }
            }
            #expect(!FileManager.default.fileExists(atPath: lab.root + "/var/lib/changeover"))
        }
    }

    @Test func theTenNewestRecordsAreKept() async throws {
        try await AptLab.use([]) { lab in
            for number in 1...13 {
                var request = lab.request(PatchPolicy(scope: .none))
                request.token = UpdateToken("number-\(number)")
                try await lab.updater.begin(request, via: lab.runner)
                try await lab.eventually("the end of number \(number)") {
                    if case .ended = try await lab.updater.progress(of: request.token, after: 0, via: lab.runner).status
                    {
                        return true
                    }
                    return nil
                }
                // Folders are told apart by whole seconds of their times.
                try await lab.shell(
                    "touch -d '2026-01-01 00:00:\(10 + number)' \"$0/root/var/lib/changeover/updates/number-\(number)\""
                )
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: lab.root + "/var/lib/changeover/updates")
            #expect(Set(names).subtracting(["lock"]).count <= 11)
            #expect(names.contains("number-13") && names.contains("number-5") && !names.contains("number-1"))
        }
    }
}
