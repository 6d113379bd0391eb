import Foundation
import Testing
import Workflow

@testable import Patching

/// The inspection against the real dnf 4.
@Suite(.timeLimit(.minutes(5))) struct DnfTests {
    @Test func namesWhatIsPendingAndWhichOfItIsForSecurity() async throws {
        try await DnfLab.use { lab in
            try await lab.publish([.init("demo-web", "1.1"), .init("demo-lib", "1.2")], security: ["demo-web"])
            #expect(try await dnf(lab, ["check-update"]).exitCode == 100)
            let status = try await lab.status()
            #expect(
                status.pending == [
                    PendingUpdate(package: "demo-lib", installed: "1.0-1", candidate: "1.2-1", isSecurity: false),
                    PendingUpdate(package: "demo-web", installed: "1.0-1", candidate: "1.1-1", isSecurity: true),
                ])
            #expect(status.held == [] && status.heldUpdates == [] && status.auditFindings == [])
        }
    }

    @Test func aPatchedMachineHasNothingPending() async throws {
        try await DnfLab.use { lab in
            try await lab.publish([.init("demo-web", "1.1"), .init("demo-lib", "1.2")])
            try await lab.install([.init("demo-web", "1.1"), .init("demo-lib", "1.2")])
            #expect(try await dnf(lab, ["check-update"]).exitCode == 0)
            let status = try await lab.status()
            #expect(status.pending == [] && status.held == [] && status.auditFindings == [])
            #expect(status.gems == nil)
        }
    }

    @Test(arguments: ["file:///nonexistent/chg", "http://127.0.0.1:1/"])
    func aRepositoryThatIsDownIsAnErrorEvenWhereTheMachineWouldDoWithoutIt(address: String) async throws {
        try await DnfLab.use { lab in
            try lab.repository("down", at: address)
            // What would lie: dnf itself is content with the other repository.
            #expect(try await dnf(lab, ["check-update"]).exitCode == 0)
            #expect(try await dnf(lab, ["--setopt=*.skip_if_unavailable=0", "check-update"]).exitCode == 1)
            let error = await #expect(throws: PatchInspectionError.self) { try await lab.status() }
            #expect(error?.code == .repositoryUnavailable)
            #expect(error?.detail.contains("down") == true, "\(error?.detail ?? "")")
        }
    }

    @Test func aMachineWithoutEnabledRepositoryCannotBeJudged() async throws {
        try await DnfLab.use { lab in
            try lab.repository("base", at: "file://\(lab.folder)/base", isEnabled: false)
            let disabled = await #expect(throws: PatchInspectionError.self) { try await lab.status() }
            #expect(disabled?.code == .repositoryUnavailable)
            #expect(disabled?.detail.contains("no enabled package repository") == true)
            try FileManager.default.removeItem(atPath: "\(lab.folder)/repositories/base.repo")
            let none = await #expect(throws: PatchInspectionError.self) { try await lab.status() }
            #expect(none?.code == .repositoryUnavailable)
        }
    }

    @Test func whatALockOrAnExclusionHidesIsHeld() async throws {
        try await DnfLab.use { lab in
            try await lab.publish([.init("demo-web", "1.1"), .init("demo-lib", "1.2")], security: ["demo-web"])
            try lab.write("demo-lib-0:1.0-1.*\n", to: "versionlock.list")
            let locked = try await lab.status()
            #expect(locked.pending.map(\.package) == ["demo-web"])
            #expect(locked.held == ["demo-lib"])
            #expect(locked.heldUpdates?.map(\.candidate) == ["1.2-1"])
            try lab.configure("excludepkgs=demo-web")
            let both = try await lab.status()
            #expect(both.pending == [])
            #expect(both.held == ["demo-lib", "demo-web"])
            #expect(both.heldUpdates?.map(\.isSecurity) == [false, true])
        }
    }

    @Test func withoutAdvisoriesEveryUpdateCountsAsOneForSecurity() async throws {
        try await DnfLab.use { lab in
            try FileManager.default.createDirectory(atPath: "\(lab.folder)/plain", withIntermediateDirectories: true)
            try await lab.publish([.init("demo-lib", "1.3")], in: "plain", informed: false)
            try await lab.publish([.init("demo-web", "1.1")])
            try lab.repository("plain", at: "file://\(lab.folder)/plain")
            let pending = try await lab.status().pending
            #expect(pending.map { "\($0.package) \($0.isSecurity)" } == ["demo-lib true", "demo-web false"])
        }
    }

    @Test func brokenPackagesAreFindings() async throws {
        try await DnfLab.use { lab in
            try await lab.install([.init("demo-app", "1.0", requires: "demo-missing")])
            #expect(try await lab.status().auditFindings.contains { $0.contains("demo-missing") })
            try await lab.install([.init("demo-web", "1.1")], ["-i", "--force"])
            #expect(try await lab.status().auditFindings.contains { $0.contains("duplicate") })
        }
    }

    @Test func aNewerKernelOrAReplacedCoreLibraryNeedsAReboot() async throws {
        try await DnfLab.use { lab in
            try await lab.install([.init("kernel-core", "5.14.0")])
            // `uname` of the machine says 5.14.0-1.noarch. The real plugin's words are the ones that the reader knows;
            // whether it takes the package for newer than the boot is the affair of this very machine.
            let hint = try await dnf(lab, ["-C", "needs-restarting", "-r"])
            let lines = hint.output.split(separator: "\n").map { "hint \($0)"[...] }
            #expect(DnfRebootEvidence(lines: lines).isRequired == (hint.exitCode == 1), "\(hint.output)")
            try lab.configure("plugins=0")
            // Without the plugin the exit code is 1 as well; the kernel is the newest, and nobody looks at libraries.
            #expect(try await dnf(lab, ["needs-restarting", "-r"]).exitCode == 1)
            #expect(try await lab.status().rebootRequired == nil)
            try await lab.install([.init("kernel-core", "5.14.2")], ["-i"])
            #expect(try await lab.status().rebootRequired == true)
        }
    }

    @Test func theInspectionLeavesNoTraces() async throws {
        try await DnfLab.use { lab in
            try await lab.publish([.init("demo-web", "1.1")])
            _ = try await lab.status()
            let script = #"""
                find "$1" /var/cache/dnf /var/lib/dnf /var/log -path '*/database/*-shm' -o -printf '%p %y %s %T@\n' |
                    grep -E "^$1|dnf|hawkey" | sort
                ls -d /tmp/tmp.* 2>/dev/null | wc -l
                """#
            let before = try await lab.run(["bash", "-c", script, "bash", lab.folder])
            _ = try await lab.status()
            let after = try await lab.run(["bash", "-c", script, "bash", lab.folder])
            let (old, new) = (before.split(separator: "\n"), after.split(separator: "\n"))
            #expect(Set(new.dropLast()).symmetricDifference(old.dropLast()).sorted() == [])
        }
    }

    @Test func readsFacts() async throws {
        try await DnfLab.use { lab in
            let facts = try await SystemPatchInspector().facts(
                via: lab.runner, address: nil, timeout: .seconds(60))
            #expect(facts.packages == ["demo-web": "1.0-1", "demo-lib": "1.0-1"])
            #expect(facts.kernel == "5.14.0-1.noarch")
        }
    }

    /// Runs dnf as it is, without traces outside the test's folder, which `theInspectionLeavesNoTraces` would see.
    private func dnf(_ lab: DnfLab, _ arguments: [String]) async throws -> CommandResult {
        let own = ["cachedir", "logdir", "persistdir"].map { "--setopt=\($0)=\(lab.folder)/own" }
        let quiet = ["dnf", "-q", "--disableplugin=generate_completion_cache"]
        return try await lab.runner.run(Command(quiet + own + arguments))
    }
}
