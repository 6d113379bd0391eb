import Engine
import Workflow

/// Drives several swaps of one command, so many at a time; after one that did not end well no other is begun.
struct SwapGroup: Sendable {
    let runner: SwapRunner
    let options: DriveOptions
    let maxInFlight: Int

    /// How one swap ended.
    private struct Ending: Sendable {
        var name: String
        var status: ExitStatus
        var message: String?
        var document: SwapDocument?
    }

    /// Begins and drives the swaps; the status of the first that did not end well, or done.
    ///
    /// The first Ctrl-C stops every swap in flight at its next durable point.
    func run(_ swaps: [PlannedSwap]) async throws -> ExitStatus {
        let task = Task { await drive(swaps) }
        let endings = await runner.interruptible(task)
        let bad = endings.filter { $0.status != .done }
        let output = runner.output
        if output.format == .json { output.document(endings.compactMap(\.document)) }
        output.line()
        let left = swaps.count - endings.count
        output.line(
            "\(endings.count - bad.count) of \(swaps.count) swapped"
                + (left > 0 ? ", \(left) not begun" : "") + (bad.isEmpty ? "." : ", \(bad.count) ended otherwise:"))
        for ending in bad {
            output.line("  \(ending.name): " + (ending.message ?? ending.document?.explanation ?? "stopped"))
        }
        return bad.first?.status ?? (left > 0 ? .stopped : .done)
    }

    private func drive(_ swaps: [PlannedSwap]) async -> [Ending] {
        await withTaskGroup(of: Ending.self) { group in
            var waiting = swaps[...]
            var endings: [Ending] = []
            var inFlight = 0
            while true {
                let mayBegin = !Task.isCancelled && endings.allSatisfy { $0.status == .done }
                while mayBegin, inFlight < maxInFlight, let next = waiting.popFirst() {
                    group.addTask { await one(next) }
                    inFlight += 1
                }
                guard let ending = await group.next() else { return endings }
                endings.append(ending)
                inFlight -= 1
            }
        }
    }

    private func one(_ swap: PlannedSwap) async -> Ending {
        let name = swap.plan.original.name
        do {
            let (status, document) = try await runner.labelled(name).begin(
                swap, options: options, asks: false, isInterruptible: false)
            if runner.output.format == .jsonl { document.map { runner.output.document($0) } }
            return Ending(name: name, status: status, document: document)
        } catch {
            let failure = CommandFailure(error)
            return Ending(name: name, status: failure.status, message: failure.message)
        }
    }
}
