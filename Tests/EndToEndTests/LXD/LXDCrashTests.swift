import Foundation
import Testing

extension LXDTests {
    /// The program is killed as soon as it says that it came to a state, once in each; whoever resumes gets to the end.
    @Suite struct CrashTests {
        private static let forward = [
            "preflight", "launching", "booting", "patching", "verifying", "promoting", "baking", "stoppingOriginal",
        ]

        /// Goes on with `arguments`, killing in each of the states that it comes to, and gives those in which it did.
        private func killInEach(
            of states: [String], _ first: [String], resume: (String) -> [String], in world: LXDWorld
        ) async throws -> (swap: String, killed: [String], code: Int32) {
            var arguments = first
            var killed: [String] = []
            var swap = ""
            for _ in 0..<2 * states.count + 2 {
                let driver = try world.changeover(arguments + ["--output", "jsonl"])
                var struck: String?
                try await eventually("a state, or the end", within: .seconds(90), else: { driver.transcript }) {
                    let lines = SwapLine.lines(of: driver.output)
                    swap = lines.last?.swap ?? swap
                    struck = lines.map(\.state).first { states.contains($0) && !killed.contains($0) }
                    return struck != nil || driver.exitCode != nil
                }
                if let struck {
                    try await driver.kill9()
                    killed.append(struck)
                } else if let code = driver.exitCode, killed.count == states.count || code != 4 {
                    return (swap, killed, code)
                }
                arguments = resume(swap)
            }
            throw Failed("it does not come to its end; killed in \(killed)")
        }

        @Test func killedInEachStateOfASwap() async throws {
            var settings = LXDTexts.Settings.haproxy
            settings.stableFor = "1s"
            try await LXDWorld.with(settings: settings) { world in
                try await world.launch("web-1")
                try await world.startHAProxy(try await world.address(of: "web-1"))
                let load = try await world.startLoad()
                let (swap, killed, code) = try await killInEach(
                    of: Self.forward, ["swap", "web-1"], resume: { $0.isEmpty ? ["swap", "web-1"] : ["resume", $0] },
                    in: world)
                let report = try await load.end()
                print("LXD: killed in \(killed); \(report.requests) requests, \(report.failed) failed")
                #expect(killed == Self.forward)
                #expect(code == 0)
                #expect(report.failed == 0, "\(report.failures)")
                let replacement = try #require(try await world.status(swap).replacement)
                #expect(try await world.status(swap).state == "holding")
                #expect(try await world.look().keys.sorted() == ["web-1", replacement], "nothing was launched twice")
                #expect(try await world.names("Running") == [replacement])
                #expect(try world.serving() == [try await world.address(of: replacement)])
                #expect(try await world.document([OrphanListing].self, ["orphans", "list"]).isEmpty)

                let (_, killedAtTheEnd, end) = try await killInEach(
                    of: ["terminatingOriginal"], ["retire", swap], resume: { ["resume", $0] }, in: world)
                #expect(killedAtTheEnd == ["terminatingOriginal"] && end == 0)
                #expect(try await world.status(swap).state == "succeeded")
                #expect(try await world.look().keys.sorted() == [replacement])
            }
        }

        @Test func killedInEachStateOfARollback() async throws {
            var settings = LXDTexts.Settings.haproxy
            settings.bake = "2m"
            try await LXDWorld.with(settings: settings) { world in
                try await world.launch("web-1")
                let address = try await world.address(of: "web-1")
                try await world.startHAProxy(address)
                let load = try await world.startLoad()
                let driver = try world.changeover(["swap", "web-1", "--output", "jsonl"])
                let swap = try await world.line(of: driver) { $0.state == "baking" }.swap
                try await driver.kill9()
                let states = ["rollingBack", "retiringReplacement"]
                let (_, killed, code) = try await killInEach(
                    of: states, ["rollback", swap], resume: { ["resume", $0] }, in: world)
                let report = try await load.end()
                #expect(killed == states)
                #expect(code == 0 || code == 2)
                #expect(report.failed == 0, "\(report.failures)")
                #expect(try await world.status(swap).state == "rolledBack")
                let left = try await world.look()
                #expect(left.keys.sorted() == ["web-1"])
                #expect(left["web-1"]?.status == "Running" && left["web-1"]?.ownTags == [])
                #expect(try world.serving() == [address])
                #expect(try await world.document([OrphanListing].self, ["orphans", "list"]).isEmpty)
            }
        }
    }
}
