import Foundation
import TestSupport
import Testing

extension LXDTests {
    /// Updates in place of real machines behind a real HAProxy.
    @Suite struct UpdateTests {
        private static let packages = ["lab-data", "lab-docs", "lab-lib", "lab-site", "lab-tools"]

        /// Publishes five updates; that of `lab-lib` asks web-2 for a reboot.
        private func publishUpdates(_ world: LXDWorld) async throws {
            try await world.publish("lab-data", "1.1")
            try await world.publish("lab-docs", "1.1", suite: "security")
            try await world.publish(
                "lab-lib", "1.1",
                files: [
                    "DEBIAN/postinst": """
                    #!/bin/sh
                    cat /proc/sys/kernel/random/boot_id >/var/lib/lab-lib-boot
                    [ "$(hostname)" != web-2 ] || touch /run/reboot-required

                    """
                ])
        }

        /// Launches three machines and starts HAProxy before them.
        private func launchThree(_ world: LXDWorld) async throws -> [String] {
            var addresses: [String] = []
            for name in ["web-1", "web-2", "web-3"] {
                try await world.launch(name)
                addresses.append(try await world.address(of: name))
            }
            try await world.startHAProxy(addresses)
            try await eventually("HAProxy sees all three") { try world.serving().count == 3 }
            return addresses
        }

        @Test func oneByOneWithoutAFailedRequest() async throws {
            try await LXDWorld.with(alone: true, settings: .haproxy) { world in
                try await publishUpdates(world)
                let addresses = try await launchThree(world)
                for name in ["web-1", "web-2", "web-3"] {
                    #expect(try await world.pending(name).count >= 5)
                }
                let load = try await world.startLoad()
                let run = try await world.run(
                    ["update", "--select", "role=web", "--max-in-flight", "1"], within: .seconds(240))
                try await eventually("the client has asked often enough", within: .seconds(60)) {
                    try load.soFar().requests >= 2_000
                }
                let report = try await load.end()
                #expect(run.code == 0, "\(run.transcript)")
                #expect(report.failed == 0, "\(report.failures)")
                #expect(report.requests >= 2_000)
                for name in ["web-1", "web-2", "web-3"] {
                    #expect(try await world.pending(name) == [])
                    #expect(try await world.look(name)?.ownTags == ["user.changeover:last-swap"])
                    #expect(run.output.contains("\(name) | "), "its output was shown live")
                    let installed = try await world.exec(name, "cat", "/var/lib/lab-lib-boot")
                    let now = try await world.exec(name, "cat", "/proc/sys/kernel/random/boot_id")
                    #expect((installed != now) == (name == "web-2"), "\(name) was rebooted: \(installed != now)")
                    try await expectUnpackedOnce(Self.packages, on: name, in: world)
                }
                #expect(try world.serving().sorted() == addresses.sorted())
                let snapshots = try await world.lxc(["query", "/1.0/instances/web-2/snapshots"])
                #expect(!snapshots.contains("changeover"))
                print("LXD: three machines updated in place, \(report.requests) requests, 0 failed")
                print(run.output.suffix(600))

                let again = try await world.run(["update", "--select", "role=web"], within: .seconds(120))
                #expect(again.code == 0 && again.output.contains("already current"), "\(again.transcript)")
            }
        }

        @Test func brokenSecondMachineIsRestoredAndStopsTheRest() async throws {
            try await LXDWorld.with(alone: true, settings: .haproxy) { world in
                try await world.publish(
                    "lab-data", "1.1",
                    files: [
                        "DEBIAN/postinst": """
                        #!/bin/sh
                        [ "$(hostname)" != web-2 ] || echo 'lisen 80;' >/etc/nginx/conf.d/broken.conf
                        systemctl restart nginx.service || true

                        """
                    ])
                let addresses = try await launchThree(world)
                let load = try await world.startLoad()
                let run = try await world.run(["update", "--select", "role=web"], within: .seconds(300))
                let report = try await load.end()
                #expect(run.code == 2, "\(run.transcript)")
                #expect(report.failed == 0, "\(report.failures)")
                #expect(try await world.pending("web-1") == [])
                #expect(try await !world.pending("web-2").isEmpty, "it is back at its snapshot")
                #expect(try await !world.pending("web-3").isEmpty, "it was left alone")
                #expect(try await world.look("web-2")?.ownTags == [])
                #expect(try await world.look("web-3")?.ownTags == [])
                try await eventually("HAProxy sees all three") { try world.serving().sorted() == addresses.sorted() }
                #expect(try LXDWorld.page(addresses[1])[2] == "1.0")
                let swap = try await #require(world.swaps().first { $0.summary.original == "web-2" })
                let status = try await world.status(swap.id)
                #expect(status.state == "rolledBack" && status.exitCode == 2)
                let evidence = try world.evidence(status)
                for text in ["plan.json", "events.jsonl", "update.json", "transcript.txt", "SUMMARY.txt", "lab-data"] {
                    #expect(evidence.contains(text), "the evidence has \(text)")
                }
                print("LXD: the second machine was restored, \(report.requests) requests, \(report.failed) failed")
            }
        }

        /// What happens in the middle of an update.
        enum Disturbance: String, CaseIterable, Sendable {
            case clientKilled, connectionLost, machineRebooted, lockHeld
        }

        @Test(arguments: Disturbance.allCases)
        func aDisturbedUpdateEndsRightAndIsNotRunTwice(_ disturbance: Disturbance) async throws {
            var settings = LXDTexts.Settings()
            if disturbance == .connectionLost { settings.provider = "{socket: relay.sock}" }
            try await LXDWorld.with(settings: settings) { world in
                try await world.publish(
                    "lab-data", "1.1",
                    files: [
                        "DEBIAN/postinst": """
                        #!/bin/sh
                        echo configuring >>/var/lib/lab-began
                        [ "$(wc -l </var/lib/lab-began)" -gt 1 ] || sleep 8

                        """
                    ])
                try await world.launch("web-1")
                var relay = disturbance == .connectionLost ? try await world.startRelay() : nil
                if disturbance == .lockHeld { try await holdLock(world) }
                let driver = try world.changeover(["update", "web-1", "--output", "jsonl"])
                if disturbance != .lockHeld {
                    try await eventually("the update is at work", within: .seconds(90), else: { driver.transcript }) {
                        (try? await world.exec("web-1", "cat", "/var/lib/lab-began")) == "configuring"
                    }
                }
                var code: Int32?
                switch disturbance {
                case .clientKilled:
                    try await driver.kill9()
                    code = try await world.run(["update", "web-1"], within: .seconds(180)).code
                case .connectionLost:
                    try await relay?.kill9()
                    relay = try await world.startRelay()
                case .machineRebooted: try await world.lxc(["restart", "--force", "web-1"])
                case .lockHeld: break
                }
                if code == nil { code = try await driver.end(within: .seconds(240)) }
                #expect(code == 0, "\(driver.transcript)")
                #expect(try await world.pending("web-1") == [])
                try await expectUnpackedOnce(["lab-data", "lab-site", "lab-tools"], on: "web-1", in: world)
                if disturbance == .lockHeld {
                    let swap = try #require(SwapLine.lines(of: driver.output).first?.swap)
                    let log = try await world.run(["logs", swap])
                    #expect(log.output.contains("waiting: "), "it says what it waits for: \(log.transcript)")
                }
                #expect(try await world.look("web-1")?.ownTags == ["user.changeover:last-swap"])
            }
        }

        /// Has somebody else's apt hold dpkg's lock for a while.
        private func holdLock(_ world: LXDWorld) async throws {
            try await world.publish(
                "lab-hold", "1.0", files: ["DEBIAN/postinst": "#!/bin/sh\ntouch /run/lab-holding\nsleep 20\n"])
            _ = try await world.exec("web-1", "apt-get", "-q", "update")
            _ = try await world.exec(
                "web-1", "systemd-run", "--unit=holder", "--setenv=DEBIAN_FRONTEND=noninteractive", "apt-get", "-qy",
                "install", "lab-hold")
            try await eventually("the lock is held", within: .seconds(30)) {
                (try? await world.exec("web-1", "ls", "/run/lab-holding")) != nil
            }
        }

        /// dpkg's own log says that each package was upgraded exactly once.
        private func expectUnpackedOnce(_ packages: [String], on name: String, in world: LXDWorld) async throws {
            let log = try await world.exec(name, "cat", "/var/log/dpkg.log")
            for package in packages {
                let upgrades = log.split(separator: "\n").count { $0.contains(" upgrade \(package):") }
                #expect(upgrades == 1, "\(package) was upgraded \(upgrades) times on \(name)")
            }
        }

        /// The provider has no room for another instance; a person approves, and the machine is patched where it runs.
        @Test func fallbackForAQuotaAndNeverAfterAFailedCheck() async throws {
            try await LXDWorld.with(alone: true) { world in
                try await world.launch("web-1")
                let playbook = LXDTexts.playbook(.init()) + "fallback: {strategy: in-place, approval: ask}\n"
                try world.write(playbook, to: "playbooks/default.yaml")
                try await world.lxc(["project", "set", "default", "limits.instances=1"])
                let asked = try await world.run(["swap", "web-1", "--yes", "--output", "json"])
                try await world.lxc(["project", "unset", "default", "limits.instances"])
                #expect(asked.code == 5, "\(asked.transcript)")
                let swap = try CloudBench.swap(in: asked.output)
                #expect(try await world.status(swap).state == "awaitingApproval")
                #expect(try await world.pending("web-1").count == 2, "nothing was changed")
                let approved = try await world.run(["approve", swap], within: .seconds(180))
                #expect(approved.code == 0, "\(approved.transcript)")
                #expect(try await world.status(swap).state == "succeeded")
                #expect(try await world.pending("web-1") == [])
                #expect(try await world.look().keys.sorted() == ["web-1"])

                try await world.publish("lab-site", "2.0", files: LXDTexts.brokenSite)
                let failed = try await world.run(["swap", "web-1", "--yes"], within: .seconds(180))
                #expect(failed.code == 2, "\(failed.transcript)")
                let second = try await #require(world.swaps().first { $0.id != swap })
                let explained = try await world.run(["explain", second.id])
                #expect(explained.output.contains("fallback to an update in place is not taken"), "\(explained.output)")
                #expect(try LXDWorld.page(try await world.address(of: "web-1"))[2] == "1.1")
            }
        }
    }
}
