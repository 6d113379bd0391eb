import Foundation
import Testing
import Workflow

@testable import Patching

/// Updates that are killed, doubled, kept waiting or too slow; by the real apt and dpkg.
@Suite(.timeLimit(.minutes(5))) struct UpdateInterruptionTests {
    private typealias Package = AptLab.Package

    /// A package whose postinst says that it is there and waits for a file.
    private func slow(_ version: String = "1.1") -> AptLab.Package {
        var package = Package("demo-slow", version)
        package.postinst = #"""
            echo begun >>"$DPKG_ROOT/run/reached"
            while [ ! -e "$DPKG_ROOT/run/gate" ]; do sleep 0.05; done
            """#
        return package
    }

    private func reached(_ lab: AptLab) async throws {
        try await lab.eventually("the slow package") { lab.read("root/run/reached").isEmpty ? nil : true }
    }

    @Test func aKilledUpdateIsGoneOnWithAndNothingIsDoneTwice() async throws {
        try await AptLab.use([Package("demo-slow", "1.0"), Package("demo-lib", "1.0")]) { lab in
            try await lab.publish([slow(), Package("demo-lib", "1.2")])
            try await lab.updater.begin(lab.request(), via: lab.runner)
            try await reached(lab)
            #expect(try await lab.status() == .running)
            lab.killAll()
            #expect(try await lab.status() == .interrupted)
            try lab.write("", to: "root/run/gate")
            let result = try await lab.update()
            #expect(result.failure == nil, "\(lab.log)")
            #expect(
                result.changes == [
                    .init(package: "demo-lib", before: "1.0", after: "1.2"),
                    .init(package: "demo-slow", before: "1.0", after: "1.1"),
                ])
            #expect(lab.unpackings(of: "demo-lib", "1.2") == 1 && lab.unpackings(of: "demo-slow", "1.1") == 1)
            #expect(lab.log.contains("going on after an interruption"))
            #expect(lab.processes() == [])
        }
    }

    /// When only the outer shell is gone, the inner one is still at work: the update counts as running until it ends.
    @Test func theInnerPartKeepsTheUpdateAlive() async throws {
        try await AptLab.use([Package("demo-slow", "1.0")]) { lab in
            try await lab.publish([slow()])
            try await lab.updater.begin(lab.request(), via: lab.runner)
            try await reached(lab)
            let outer = lab.processes().filter {
                let words = FileManager.default.contents(atPath: "/proc/\($0)/cmdline")?.split(separator: 0) ?? []
                return words.count == 6 && words[1].elementsEqual("\(state(lab))/worker".utf8)
            }
            #expect(outer.count == 1)
            for process in outer { kill(process, SIGKILL) }
            #expect(try await lab.status() == .running)
            try await lab.updater.begin(lab.request(), via: lab.runner)
            try lab.write("", to: "root/run/gate")
            try await lab.eventually("the end of the inner part") {
                try await lab.status() == .interrupted ? true : nil
            }
            let result = try await lab.update()
            #expect(result.failure == nil && result.changes.map(\.package) == ["demo-slow"], "\(lab.log)")
            #expect(lab.unpackings(of: "demo-slow", "1.1") == 1)
        }
    }

    private func state(_ lab: AptLab) -> String { "\(lab.root)/var/lib/changeover/updates/\(AptLab.token)" }

    @Test func begunManyTimesAtOnceItRunsOnce() async throws {
        try await AptLab.use([Package("demo-slow", "1.0")]) { lab in
            try await lab.publish([slow()])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await lab.updater.begin(lab.request(), via: lab.runner) } }
                try await group.waitForAll()
            }
            try await reached(lab)
            try await lab.updater.begin(lab.request(), via: lab.runner)
            try lab.write("", to: "root/run/gate")
            #expect(try await lab.end().failure == nil, "\(lab.log)")
            #expect(lab.read("root/run/reached") == "begun\n")
            #expect(lab.log.components(separatedBy: "changeover: updating").count == 2)
            #expect(lab.unpackings(of: "demo-slow", "1.1") == 1)
            try await lab.eventually("the end of the other workers") { lab.processes().isEmpty ? true : nil }
        }
    }

    @Test(arguments: ["/var/lib/dpkg/lock-frontend", "/var/lib/apt/lists/lock", "/var/cache/apt/archives/lock"])
    func waitsForWhoHoldsALockAndSaysWho(lock: String) async throws {
        try await AptLab.use([Package("demo-web", "1.0")]) { lab in
            try await lab.publish([Package("demo-web", "1.1")])
            try await lab.shell(
                #"""
                setsid python3 -c '
                import fcntl, os, sys, time
                held = open(sys.argv[1] + "/root\#(lock)", "w")
                fcntl.lockf(held, fcntl.LOCK_EX)
                open(sys.argv[1] + "/held", "w").close()
                while not os.path.exists(sys.argv[1] + "/release"): time.sleep(0.05)
                ' "$0" </dev/null >/dev/null 2>&1 &
                """#)
            try await lab.eventually("the lock") {
                FileManager.default.fileExists(atPath: lab.folder + "/held") ? true : nil
            }
            let findings = try await lab.updater.findings(for: PatchPolicy(), via: lab.runner)
            let busy = findings.first { $0.code == "package-manager-busy" }
            #expect(busy?.severity == .warning && busy?.message.contains("python3 (process ") == true, "\(findings)")
            try await lab.updater.begin(lab.request(), via: lab.runner)
            try await lab.eventually("the word about the lock") {
                lab.log.contains("changeover: waiting: python3 (process ") && lab.log.contains("holds \(lock)")
                    ? true : nil
            }
            #expect(try await lab.version(of: "demo-web") == "1.0")
            try lab.write("", to: "release")
            #expect(try await lab.end().changes.map(\.package) == ["demo-web"], "\(lab.log)")
        }
    }

    @Test func anUpdateThatTakesTooLongIsEndedByTheMachine() async throws {
        try await AptLab.use([Package("demo-slow", "1.0")]) { lab in
            try await lab.publish([slow()])
            let result = try await lab.update(timeout: .seconds(4))
            #expect(result.failure?.contains("did not end within 4 s") == true, "\(lab.log)")
            #expect(result.changes == [.init(package: "demo-slow", before: "1.0", after: "1.1")])
            try await lab.eventually("the end of its processes") { lab.processes().isEmpty ? true : nil }
        }
    }

    @Test func aServiceThatAPackageStartsKeepsNoUpdateAlive() async throws {
        try await AptLab.use([Package("demo-web", "1.0")]) { lab in
            var web = Package("demo-web", "1.1")
            web.postinst = #"sh -c 'while :; do sleep 0.2; done' </dev/null >/dev/null 2>&1 &"#
            try await lab.publish([web])
            #expect(try await lab.update().failure == nil, "\(lab.log)")
            #expect(lab.processes() != [])
            var second = lab.request(PatchPolicy(scope: .none))
            second.token = UpdateToken("up-2")
            try await lab.updater.begin(second, via: lab.runner)
            try await lab.eventually("the second update") {
                if case .ended = try await lab.updater.progress(of: second.token, after: 0, via: lab.runner).status {
                    return true
                }
                return nil
            }
        }
    }

    @Test func aRecordThatWasCutIsMadeAgain() async throws {
        try await AptLab.use([Package("demo-web", "1.0")]) { lab in
            try await lab.publish([Package("demo-web", "1.1")])
            let result = try await lab.update()
            let record = try Data(contentsOf: URL(fileURLWithPath: state(lab) + "/result"))
            try record.dropLast(9).write(to: URL(fileURLWithPath: state(lab) + "/result"))
            #expect(try await lab.status() == .interrupted)
            #expect(try await lab.update() == result, "\(lab.log)")
        }
    }
}
