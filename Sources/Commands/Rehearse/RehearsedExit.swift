import Engine
import Simulation
import Workflow

/// The exit code that a rehearsed process would give, and what it means.
struct RehearsedExit {
    /// The code: that of the verb, or 128 and a signal's number.
    let code: Int32
    /// The code in words.
    let meaning: String

    /// The code of one process.
    init(_ ending: RehearsalReport.Ending, of command: RehearsalReport.Command) {
        switch (ending, command) {
        case (.drove(.ended(let swap)), .lever(.rollback)):
            // A lever that went where it was meant to go is done.
            let isBack = if case .rolledBack = swap.state { true } else { false }
            self.init(isBack ? .done : ExitStatus(ended: swap.state), swap.state.name)
        case (.drove(let end), _): self.init(ExitStatus(end), Self.words(end))
        case (.obstructed(let findings), _):
            self.init(.refused, "refused, nothing was changed: " + findings.map(\.message).joined(separator: " "))
        case (.failed(let error, let whileDriving), _):
            self.init(CommandFailure(error, hasChanges: whileDriving).status, Self.words(error))
        case (.killed(let signal), _):
            self.init(
                code: 128 + signal,
                meaning: "killed by signal \(signal): no code of Changeover's own, and nothing is lost")
        }
    }

    private init(_ status: ExitStatus, _ meaning: String) {
        self.init(code: status.rawValue, meaning: meaning)
    }

    private init(code: Int32, meaning: String) {
        self.code = code
        self.meaning = meaning
    }

    /// The code of whoever drives the swap last: what its end, or the place where it was left, means for `swap`.
    static func final(of report: RehearsalReport) -> ExitStatus {
        if let swap = report.swap { return ExitStatus(ended: swap.state) }
        let code = report.firstEnding.flatMap { ExitStatus(rawValue: RehearsedExit($0, of: .swap).code) }
        return code ?? .unexpected
    }

    private static func words(_ error: EngineError) -> String {
        switch error.code {
        case .instanceBusy: "refused: a live swap has the instance already"
        case .leaseHeld: "refused: another process drives the swap"
        case .leaseLost: "another process has taken the swap over"
        case .journal: "nothing can be recorded: \(error.detail)"
        case .drift, .planning, .unknownSwap, .illegalCommand, .provider, .traffic, .evidence: error.detail
        }
    }

    private static func words(_ end: DriveEnd) -> String {
        switch end {
        case .held: "done: the original is held"
        case .atCheckpoint: "stopped at a checkpoint: somebody has to decide"
        case .paused: "paused"
        case .needsOperator: "needs an operator"
        case .interrupted: "interrupted at a durable point: `resume` goes on"
        case .ended(let swap):
            switch swap.state {
            case .succeeded: "done: the original is gone"
            case .updated: "done: the original is updated"
            case .rolledBack: "rolled back: the service is on the original"
            case .refused: "refused before anything was changed"
            case .cancelled: "cancelled"
            case .planned, .preflight, .launching, .booting, .patching, .verifying, .awaitingApproval, .promoting,
                .baking, .stoppingOriginal, .holding, .terminatingOriginal, .rollingBack, .retiringReplacement,
                .needsOperator, .awaitingFallback, .awaitingUncordon, .cordoning, .snapshotting, .updating, .rebooting,
                .verifyingUpdate, .uncordoning, .restoringSnapshot:
                swap.state.name
            }
        }
    }
}
