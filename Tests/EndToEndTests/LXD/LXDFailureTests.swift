import Foundation
import Testing

extension LXDTests {
    /// What goes wrong with a replacement goes back to the original, and the evidence names the cause.
    @Suite struct FailureTests {
        /// Swaps `web-1`, which must be rolled back and be the only instance again, and gives its story.
        private func rolledBack(_ world: LXDWorld) async throws -> (status: LXDSwapStatus, evidence: String) {
            let status = try await world.swap("web-1", expecting: 2)
            try await expectRolledBack(status, world)
            return (status, try world.evidence(status))
        }

        private func expectRolledBack(_ status: LXDSwapStatus, _ world: LXDWorld) async throws {
            #expect(status.state == "rolledBack" && status.exitCode == 2, "\(status)")
            let left = try await world.look()
            #expect(left.keys.sorted() == ["web-1"])
            #expect(left["web-1"]?.status == "Running" && left["web-1"]?.ownTags == [])
            let address = try await world.address(of: "web-1")
            #expect(try LXDWorld.page(address) == ["web-1", "demo-web", "1.0"])
        }

        @Test func packageThatBreaksTheServicesConfiguration() async throws {
            try await LXDWorld.with(settings: .haproxy) { world in
                try await world.publish("lab-site", "2.0", suite: "security", files: LXDTexts.brokenSite)
                try await world.launch("web-1")
                try await world.startHAProxy(try await world.address(of: "web-1"))
                let load = try await world.startLoad()
                let (status, evidence) = try await rolledBack(world)
                let report = try await load.end()
                #expect(report.failed == 0, "\(report.failures)")
                #expect(Array(report.answeredBy.keys) == ["web-1 demo-web 1.0"])
                #expect(status.explanation.contains("web/configuration"), "\(status.explanation)")
                #expect(evidence.contains("unknown directive \"lisen\""))
            }
        }

        @Test func packageThatCannotBeInstalled() async throws {
            try await LXDWorld.with { world in
                try await world.publish(
                    "lab-lib", "2.0",
                    files: ["DEBIAN/postinst": "#!/bin/sh\necho 'the moon is in the wrong phase' >&2\nexit 7\n"])
                try await world.launch("web-1")
                let (status, evidence) = try await rolledBack(world)
                #expect(status.explanation.contains("first boot failed"), "\(status.explanation)")
                #expect(evidence.contains("the moon is in the wrong phase"))
                #expect(evidence.contains("lab-lib"))
            }
        }

        @Test func replacementThatNeverGetsAnAddress() async throws {
            var settings = LXDTexts.Settings()
            settings.launch = "{image: {id: changeover-mute}}"
            settings.deadlines = "{boot: 12s, patch: 30s, verify: 30s, total: 5m}"
            try await LXDWorld.with(settings: settings) { world in
                try await world.launch("web-1")
                let (status, _) = try await rolledBack(world)
                #expect(status.explanation.contains("address"), "\(status.explanation)")
            }
        }

        @Test(arguments: ["stop", "delete"]) func replacementThatIsKilledWhileItIsVerified(_ way: String) async throws {
            var settings = LXDTexts.Settings()
            settings.stableFor = "8s"
            try await LXDWorld.with(settings: settings) { world in
                try await world.launch("web-1")
                let driver = try world.changeover(["swap", "web-1", "--output", "jsonl"])
                let swap = try await world.line(of: driver) { $0.state == "verifying" }.swap
                let replacement = try #require(try await world.status(swap).replacement)
                try await world.lxc([way, "--force", replacement])
                #expect(try await driver.end() == 2, "\(driver.transcript)")
                let status = try await world.status(swap)
                try await expectRolledBack(status, world)
                let cause = "\(replacement) is \(way == "stop" ? "stopped" : "gone")"
                #expect(status.explanation.contains(cause), "\(status.explanation)")
            }
        }

        /// The disk is a small tmpfs that the replacement inherits; the update brings more than fits.
        @Test func diskThatFills() async throws {
            try await LXDWorld.with { world in
                try await world.publish(
                    "lab-data", "2.0",
                    files: ["var/lib/lab-data/data": String(repeating: "0123456789abcdef", count: 250_000)])
                try await world.launch(
                    "web-1",
                    ["--config", "raw.lxc=lxc.mount.entry = tmpfs var/lib/lab-data tmpfs size=1m,create=dir 0 0"])
                let (status, evidence) = try await rolledBack(world)
                #expect(status.explanation.contains("first boot failed"), "\(status.explanation)")
                #expect(evidence.contains("No space left on device"))
            }
        }

        /// Containers outlive the daemon, and so does what waits for them.
        ///
        /// No load here: a daemon that starts takes the bridge's address away for a moment and gives it back
        /// (`lxd/network/driver_bridge.go`), and nobody reaches an instance in between.
        @Test(arguments: ["patching", "verifying"]) func daemonThatIsRestarted(_ state: String) async throws {
            var settings = LXDTexts.Settings.haproxy
            settings.stableFor = "2s"
            try await LXDWorld.with(settings: settings) { world in
                try await world.launch("web-1")
                try await world.startHAProxy(try await world.address(of: "web-1"))
                let driver = try world.changeover(["swap", "web-1", "--output", "jsonl"])
                let swap = try await world.line(of: driver) { $0.state == state }.swap
                try await LXDLab.run("halt")
                try await LXDLab.run("start")
                #expect(try await driver.end() == 0, "\(driver.transcript)")
                let status = try await world.status(swap)
                let replacement = try #require(status.replacement)
                #expect(status.state == "holding")
                #expect(try await world.names("Running") == [replacement])
                #expect(try await world.names("Stopped") == ["web-1"])
                #expect(try world.serving() == [try await world.address(of: replacement)])
            }
        }
    }
}
