import Engine
import Journal
import Workflow

/// Which instances a command means: those named, or those that carry all of the tags.
struct InstanceTarget: Sendable {
    var names: [String] = []
    var tags: [String: String] = [:]

    /// Whether an instance is named, or else selected by its tags.
    func includes(_ original: Instance) -> Bool {
        if names.contains(original.id.rawValue) || names.contains(original.name) { return true }
        return !tags.isEmpty && tags.allSatisfy { original.tags[$0.key] == $0.value }
    }
}

/// A live swap of an instance that a command means.
struct LiveSwap: Sendable {
    let row: SwapRow
    let swap: Swap

    var original: Instance { swap.plan.original }

    /// Why a command that means its instance is refused.
    func busy() -> CommandFailure {
        let id = row.id
        if let driver = row.driver {
            return CommandFailure(
                .refused, code: "instanceBusy",
                "\(id) \(swap.strategy == .inPlace ? "updates" : "swaps") \(original.name) (\(original.id)) already; "
                    + "\(driver) drives it. `changeover watch \(id)` shows it")
        }
        guard case .holding = swap.state else {
            return CommandFailure(
                .refused, code: "instanceBusy",
                "\(id) is replacing \(original.name) (\(original.id)) and stands in \(swap.state.name); "
                    + "`changeover resume \(id)` goes on with it, `changeover explain \(id)` says more")
        }
        return CommandFailure(
            .refused, code: "instanceBusy",
            "\(id) has swapped \(original.name) (\(original.id)) and holds it; "
                + "`changeover undo \(id)` brings it back, `changeover retire \(id)` ends the hold")
    }
}

extension Workspace {
    /// Reads the live swaps whose originals are meant.
    func liveSwaps(of target: InstanceTarget) async throws -> [LiveSwap] {
        try await reading { reader in
            var live: [LiveSwap] = []
            for row in try await reader.swaps(liveOnly: true) {
                let swap = try await self.swap(row.id, in: reader)
                if target.includes(swap.plan.original) { live.append(LiveSwap(row: row, swap: swap)) }
            }
            return live
        }
    }
}
