import Foundation
import TestSupport
import Testing

/// Whole ways on real containers; see `LXDLab`.
@Suite(.serialized, .enabled(if: RealLXD.isThere, Comment(rawValue: RealLXD.absence)))
enum LXDTests {}

extension LXDTests {
    /// Real apt, real systemd, a real HAProxy: LXD's own client and HAProxy say what came of it.
    @Suite struct SwapTests {
        /// What Changeover itself may add to what LXD, apt and the checks take.
        private static let overheadLimitMilliseconds = 500

        @Test func swapUndoSwapAgainAndRetire() async throws {
            try await LXDWorld.with(alone: true, settings: .haproxy) { world in
                try await world.launch("web-1")
                let address = try await world.address(of: "web-1")
                try await world.startHAProxy(address)
                #expect(try await world.pending("web-1").count == 2)
                let before = try await world.look("web-1")

                let load = try await world.startLoad()
                let held = try await world.swap("web-1")
                let replacement = try #require(held.replacement)
                try await self.expectHeld(held, replacement, in: world)

                let undo = try await world.run(["undo", held.swap])
                #expect(undo.code == 0 || undo.code == 2, "\(undo.transcript)")
                let undone = try await world.look()
                #expect(try await world.status(held.swap).state == "rolledBack")
                #expect(undone.keys.sorted() == ["web-1"])
                #expect(undone["web-1"]?.status == "Running" && undone["web-1"]?.ownTags == [])
                #expect(undone["web-1"]?.devices == before?.devices)
                #expect(try world.serving() == [try await world.address(of: "web-1")])
                #expect(try LXDWorld.page("127.0.0.1", world.port) == ["web-1", "demo-web", "1.0"])

                let second = try await world.swap("web-1")
                let retire = try await world.run(["retire", second.swap])
                #expect(retire.code == 0, "\(retire.transcript)")
                let report = try await load.end()
                #expect(report.failed == 0, "\(report.failures)")
                #expect(report.answeredBy.count == 3, "\(report.answeredBy)")
                let successor = try #require(second.replacement)
                #expect(try await world.status(second.swap).state == "succeeded")
                #expect(try await world.look().keys.sorted() == [successor])
                #expect(try world.serving() == [try await world.address(of: successor)])
                #expect(try LXDWorld.page("127.0.0.1", world.port) == [successor, "demo-web", "1.1"])
                print("LXD: \(report.requests) requests over two swaps and an undo, 0 failed")
            }
        }

        /// The replacement serves fully patched, the original is stopped, and hardly any time was our own.
        private func expectHeld(_ status: LXDSwapStatus, _ replacement: String, in world: LXDWorld) async throws {
            #expect(status.state == "holding")
            #expect(try await world.names("Running") == [replacement])
            #expect(try await world.names("Stopped") == ["web-1"])
            #expect(try world.serving() == [try await world.address(of: replacement)])
            #expect(try LXDWorld.page("127.0.0.1", world.port) == [replacement, "demo-web", "1.1"])
            #expect(try await world.pending(replacement) == [])
            #expect(try await world.look(replacement)?.config["user.role"] == "web")
            let differences = try await world.document(LXDDifferences.self, ["diff", status.swap]).packages.differences
            #expect(
                differences == [
                    LXDDifferences.Difference(
                        package: "lab-site", original: "1.0", replacement: "1.1", isSecurity: true),
                    LXDDifferences.Difference(
                        package: "lab-tools", original: "1.0", replacement: "1.1", isSecurity: false),
                ])
            let overhead = try #require(status.overheadMs)
            print("LXD: overheadMs of one swap: \(overhead)")
            #expect(overhead <= Self.overheadLimitMilliseconds)
        }

        /// The package's maintainer script notes the boot during which it was installed.
        @Test func updateThatNeedsARebootGetsOne() async throws {
            try await LXDWorld.with { world in
                try await world.publish(
                    "lab-lib", "2.0",
                    files: [
                        "DEBIAN/postinst": """
                        #!/bin/sh
                        cat /proc/sys/kernel/random/boot_id >/var/lib/lab-lib-boot
                        touch /run/reboot-required

                        """
                    ])
                try await world.launch("web-1")
                let held = try await world.swap("web-1")
                let replacement = try #require(held.replacement)
                let installed = try await world.exec(replacement, "cat", "/var/lib/lab-lib-boot")
                let now = try await world.exec(replacement, "cat", "/proc/sys/kernel/random/boot_id")
                #expect(!installed.isEmpty && installed != now, "it was installed during another boot than this one")
                #expect(try await world.exec(replacement, "sh", "-c", "ls /run/reboot-required || true") == "")
                #expect(try await world.pending(replacement) == [])
                #expect(held.state == "holding")
                #expect(try world.evidence(held).contains("reboot"), "the log of first boot tells of it")
            }
        }
    }
}
