import Foundation
import Patching
import Testing
import Workflow

@testable import Providers

@Suite struct LocalPatchInspectionTests {
    private let inspector = SystemPatchInspector()

    @Test func seesWhatAnOriginalLacksAndChangesNothing() async throws {
        try await LocalBench.use { bench in
            let instance = try await bench.launchServing(bench.request(patch: false))
            let runner = bench.provider.commandRunner(for: instance)
            let root = bench.provider.layout.folder(of: instance.id.rawValue).root
            let before = try await fingerprint(root)
            let status = try await inspector.patchStatus(via: runner, policy: PatchPolicy(), timeout: .seconds(30))
            let after = try await fingerprint(root)
            #expect(Set(after).symmetricDifference(before).sorted() == [])
            #expect(status.pending.map(\.package) == ["demo-ca", "demo-lib", "demo-tls", "demo-tools", "demo-web"])
            #expect(status.pending.filter(\.isSecurity).map(\.package) == ["demo-tls", "demo-web"])
            #expect(status.pending.first?.installed == nil)
            #expect(status.rebootRequired == false)
            #expect(status.auditFindings.isEmpty && status.held.isEmpty)
        }
    }

    @Test func aPatchedReplacementHasNothingPendingAndComparesAsUpgraded() async throws {
        try await LocalBench.use { bench in
            let original = try await bench.launchServing(bench.request(patch: false))
            let replacement = try await bench.launchServing(bench.request())
            let status = try await status(of: original, bench)
            #expect(try await self.status(of: replacement, bench).pending.isEmpty)
            let old = try await facts(of: original, bench)
            let new = try await facts(of: replacement, bench)
            #expect(old.listeningPorts == ["tcp/8080"])
            #expect(old.users == ["demo", "root"])
            #expect(old.bootID != nil && old.bootID != new.bootID)
            let comparison = PackageComparison(original: old, replacement: new, status: status)
            #expect(comparison.unchangedCount == 1)
            #expect(
                comparison.differences.map { "\($0.package) \($0.kind.rawValue) \($0.isSecurity)" } == [
                    "demo-ca added false", "demo-lib upgraded false", "demo-tls upgraded true",
                    "demo-tools upgraded false", "demo-web upgraded true",
                ])
        }
    }

    @Test func patchesInPlaceAndRestartsTheService() async throws {
        try await LocalBench.use { bench in
            let instance = try await bench.launchServing(bench.request(patch: false))
            let runner = bench.provider.commandRunner(for: instance)
            for arguments in [["apt-get", "update"], ["apt-get", "-y", "dist-upgrade"]] {
                let result = try await runner.run(Command(arguments))
                #expect(result.exitCode == 0, "\(result.errorOutput)")
            }
            try await eventually("new version serves") {
                try await bench.get("/", of: instance) == "web demo-web 1.1\n"
            }
            #expect(try await runner.run(Command(["demo-status"])).output == "demo-tools 1.2\n")
        }
    }

    @Test func namesHeldPackages() async throws {
        try await LocalBench.use { bench in
            let instance = try await bench.launchServing(bench.request(patch: false))
            let runner = bench.provider.commandRunner(for: instance)
            _ = try await runner.run(Command(["apt-mark", "hold", "demo-lib"]))
            let status = try await status(of: instance, bench)
            #expect(status.held == ["demo-lib"])
            #expect(!status.pending.contains { $0.package == "demo-lib" })
        }
    }

    @Test func anUnreachableRepositoryIsAnErrorNeverNothingPending() async throws {
        try await LocalBench.use { bench in
            let instance = try await bench.launchServing(bench.request())
            try FileManager.default.moveItem(atPath: "\(bench.folder)/repository", toPath: "\(bench.folder)/away")
            let error = await #expect(throws: PatchInspectionError.self) { try await status(of: instance, bench) }
            #expect(error?.code == .repositoryUnavailable)
            let sources = bench.provider.layout.folder(of: instance.id.rawValue).root + "/etc/apt/sources.list.d"
            try FileManager.default.removeItem(atPath: "\(sources)/local.sources")
            let none = await #expect(throws: PatchInspectionError.self) { try await status(of: instance, bench) }
            #expect(none?.code == .repositoryUnavailable)
        }
    }

    @Test func aHalfInstalledPackageIsAFinding() async throws {
        try await LocalBench.use { bench in
            let instance = try await bench.launchServing(bench.request())
            let path = bench.provider.layout.folder(of: instance.id.rawValue).root + "/var/lib/dpkg/status"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let broken = text.replacing(
                "Package: demo-tls\nStatus: install ok installed",
                with:
                    "Package: demo-tls\nStatus: install ok half-configured")
            #expect(broken != text)
            try broken.write(toFile: path, atomically: true, encoding: .utf8)
            #expect(try await status(of: instance, bench).auditFindings.contains { $0.contains("demo-tls") })
        }
    }

    @Test func aStoppedInstanceCannotBeInspected() async throws {
        try await LocalBench.use { bench in
            let instance = try await bench.launchServing(bench.request(patch: false))
            try await bench.provider.stop(instance.id)
            let error = await #expect(throws: PatchInspectionError.self) { try await status(of: instance, bench) }
            #expect(error?.code == .commandFailed)
        }
    }

    private func status(of instance: Instance, _ bench: LocalBench) async throws -> PatchStatus {
        try await inspector.patchStatus(
            via: bench.provider.commandRunner(for: instance), policy: PatchPolicy(), timeout: .seconds(30))
    }

    private func facts(of instance: Instance, _ bench: LocalBench) async throws -> MachineFacts {
        try await inspector.facts(
            via: bench.provider.commandRunner(for: instance), address: instance.address, timeout: .seconds(30))
    }

    /// Names, sizes, times and content of all files below a folder.
    private func fingerprint(_ folder: String) async throws -> [Substring] {
        let script = #"find "$1" -printf '%P %y %s %T@ %l\n' | sort; find "$1" -type f -exec cksum {} + | sort"#
        return try await ControllerCommandRunner().run(Command(["sh", "-c", script, "sh", folder])).output
            .split(separator: "\n")
    }
}
