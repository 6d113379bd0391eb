import Foundation
import Testing

extension LXDTests {
    /// Several processes, one store.
    @Suite struct ConcurrencyTests {
        @Test func twoSwapsByTwoProcessesAndOthersThatWatch() async throws {
            try await LXDWorld.with { world in
                let names = ["web-1", "web-2"]
                for name in names { try await world.launch(name) }
                let drivers = try names.map { try world.changeover(["swap", $0, "--output", "jsonl"]) }
                var swaps: [String] = []
                for driver in drivers { swaps.append(try await world.line(of: driver) { _ in true }.swap) }
                let watchers = try swaps.map { try world.changeover(["watch", $0, "--output", "jsonl"]) }
                for program in drivers + watchers {
                    #expect(try await program.end(within: .seconds(120)) == 0, "\(program.transcript)")
                }

                var replacements: [String] = []
                for (swap, watcher) in zip(swaps, watchers) {
                    let status = try await world.status(swap)
                    #expect(status.state == "holding")
                    replacements.append(try #require(status.replacement))
                    let watched = SwapLine.lines(of: watcher.output)
                    #expect(watched.allSatisfy { $0.swap == swap }, "\(watcher.transcript)")
                    #expect(watched.last?.state == "holding", "\(watcher.transcript)")
                    #expect(
                        Set(["launching", "verifying"]).isSubset(of: watched.map(\.state)), "\(watcher.transcript)")
                }
                #expect(try await world.names("Running") == replacements.sorted())
                #expect(try await world.names("Stopped") == names)
                for replacement in replacements { #expect(try await world.pending(replacement) == []) }
            }
        }
    }
}
