import Engine
import Journal
import Workflow

/// Pulls an operator's lever: posts the request, and drives the swap when nobody else does.
struct Lever: Sendable {
    let workspace: Workspace
    let output: Output
    let options: LeverOptions

    /// How long a living driver may take to answer a request; it does so within 200 ms unless its machine is in trouble.
    private static let answerTimeout = Span.seconds(30)

    private var driveOptions: DriveOptions {
        DriveOptions(approvesPolicyCheckpoints: options.yes, waitsAtCheckpoints: options.wait, waitsForHold: false)
    }

    func pull(_ command: OperatorCommand, on id: SwapID) async throws -> ExitStatus {
        let swap = try await workspace.reading { try await workspace.swap(id, in: $0) }
        if let refusal = swap.refusal(of: command) {
            throw CommandFailure(.refused, code: "illegalCommand", "\(command.rawValue) \(id): \(refusal)")
        }
        let runner = try await SwapRunner(workspace, output)
        let request = OperatorRequest(
            command: command, author: Operator.name, comment: options.comment)
        let number = try await runner.journal.post(request, for: id, at: workspace.clock.wallTime())
        do {
            let status = try await runner.resume(id, options: driveOptions, asks: false)
            return try await settled(command, id, status, in: runner.journal)
        } catch let error as EngineError where error.code == .leaseHeld {
            return try await answer(to: number, command, id, in: runner.journal)
        }
    }

    /// A lever that went where it was meant to go is done, whatever the same end means for `swap`.
    private func settled(
        _ command: OperatorCommand, _ id: SwapID, _ status: ExitStatus, in journal: SQLiteJournal
    ) async throws -> ExitStatus {
        let swap = try await workspace.swap(id, in: journal)
        return switch (command, swap.state) {
        case (.rollback, .rolledBack), (.undo, .rolledBack), (.cancel, .cancelled): .done
        case (.pause, _) where swap.pausedAt != nil: .done
        default: status
        }
    }

    /// Waits until the process that drives the swap has taken the request up, and shows what it made of it.
    private func answer(
        to number: Int64, _ command: OperatorCommand, _ id: SwapID, in journal: SQLiteJournal
    ) async throws -> ExitStatus {
        let start = workspace.clock.monotonicMilliseconds()
        while workspace.clock.monotonicMilliseconds() - start < Self.answerTimeout.milliseconds {
            let records = try await journal.records(of: id, after: 0)
            if let taken = records.last(where: { $0.entry.takesRequest == number }) {
                let swap = try await workspace.swap(id, in: journal)
                taken.entry.reasons.forEach { output.line($0) }
                output.line("Taken up by the process that drives \(id); `changeover watch \(id)` shows how it goes on.")
                let row = try await journal.swap(id)
                output.document(
                    SwapDocument(swap, reasons: taken.entry.reasons, driver: row?.driver, evidence: workspace.evidence))
                return .done
            }
            // A driver that died after we asked for the lease leaves the swap to us.
            if try await journal.swap(id)?.driver == nil {
                let runner = try await SwapRunner(workspace, output)
                if let status = try? await runner.resume(id, options: driveOptions, asks: false) {
                    return try await settled(command, id, status, in: journal)
                }
            }
            try await workspace.clock.sleep(for: .milliseconds(20))
        }
        throw CommandFailure(
            .needsOperator, code: "unanswered",
            "the request is recorded, but the process that drives \(id) has not taken it up in "
                + "\(Self.answerTimeout.text); `changeover status \(id)` says which process that is")
    }

    func resume(_ id: SwapID) async throws -> ExitStatus {
        let swap = try await workspace.reading { try await workspace.swap(id, in: $0) }
        if swap.state.isFinal {
            output.line("\(id) has ended: \(swap.explanation)")
            output.document(SwapDocument(swap, reasons: [], driver: nil, evidence: workspace.evidence))
            return ExitStatus(ended: swap.state)
        }
        if swap.refusal(of: .resume) == nil { return try await pull(.resume, on: id) }
        let runner = try await SwapRunner(workspace, output)
        return try await runner.resume(id, options: driveOptions, asks: false)
    }

    /// Goes on with every swap that is due and not driven; the worst exit code of all is returned.
    func resumeDue() async throws -> ExitStatus {
        let now = workspace.clock.wallTime()
        let rows = try await workspace.reading { try await $0.swaps(liveOnly: true) }.filter { row in
            guard row.driver == nil, !row.summary.isPaused else { return false }
            if row.summary.state == "holding" { return row.summary.dueAt.map { $0 <= now } ?? false }
            return row.summary.state != "needsOperator"
        }
        if rows.isEmpty { output.line("Nothing is due.") }
        var worst = ExitStatus.done
        for row in rows {
            let status: ExitStatus
            do {
                status = try await SwapRunner(workspace, output).resume(row.id, options: driveOptions, asks: false)
            } catch let error as EngineError where error.code == .leaseHeld { continue }
            if Self.severity(status) > Self.severity(worst) { worst = status }
        }
        return worst
    }

    private static func severity(_ status: ExitStatus) -> Int {
        switch status {
        case .done: 0
        case .stopped: 1
        case .rolledBack: 2
        case .refused: 3
        case .needsOperator: 4
        case .unexpected, .usage: 5
        }
    }
}
