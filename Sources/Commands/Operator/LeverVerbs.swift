import ArgumentParser
import Workflow

/// A verb that pulls one of the operator's levers on one swap.
protocol LeverVerb: Verb {
    var id: String { get }
    var lever: LeverOptions { get }
    static var command: OperatorCommand { get }
}

/// The options that every lever takes.
struct LeverOptions: ParsableArguments {
    @Option(help: "Why, for the journal.")
    var comment: String = ""
    @Flag(help: "Waits at a later checkpoint for an approval from another process.")
    var wait = false
    @Flag(help: "Passes a later checkpoint that only policy asks for.")
    var yes = false
}

extension LeverVerb {
    func perform(_ output: Output) async throws -> ExitStatus {
        let workspace = try Workspace.load(options)
        return try await Lever(workspace: workspace, output: output, options: lever)
            .pull(Self.command, on: SwapID(id))
    }
}

struct ApproveVerb: LeverVerb {
    static let command = OperatorCommand.approve
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Passes a swap's checkpoint and goes on.",
        discussion: "Example: changeover approve swap-7f3k2q --comment 'looked at the diff'")
    @OptionGroup var options: GlobalOptions
    @OptionGroup var lever: LeverOptions
    @Argument(help: "The swap.") var id: String
}

struct PromoteVerb: LeverVerb {
    static let command = OperatorCommand.promote
    static let configuration = CommandConfiguration(
        commandName: "promote", abstract: "Passes a checkpoint although checks warned or were inconclusive.",
        discussion: "Example: changeover promote swap-7f3k2q --comment 'the warning is known'")
    @OptionGroup var options: GlobalOptions
    @OptionGroup var lever: LeverOptions
    @Argument(help: "The swap.") var id: String
}

struct RollbackVerb: LeverVerb {
    static let command = OperatorCommand.rollback
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Goes back to the original and retires the replacement.",
        discussion: "Example: changeover rollback swap-7f3k2q. Exit code 0 once the original serves again.")
    @OptionGroup var options: GlobalOptions
    @OptionGroup var lever: LeverOptions
    @Argument(help: "The swap.") var id: String
}

struct PauseVerb: LeverVerb {
    static let command = OperatorCommand.pause
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Does nothing new until resumed; deadlines stop.",
        discussion: "Example: changeover pause swap-7f3k2q")
    @OptionGroup var options: GlobalOptions
    @OptionGroup var lever: LeverOptions
    @Argument(help: "The swap.") var id: String
}

struct CancelVerb: LeverVerb {
    static let command = OperatorCommand.cancel
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Undoes what was done and ends the swap, saying what is left running.",
        discussion: "Example: changeover cancel swap-7f3k2q")
    @OptionGroup var options: GlobalOptions
    @OptionGroup var lever: LeverOptions
    @Argument(help: "The swap.") var id: String
}

struct UndoVerb: LeverVerb {
    static let command = OperatorCommand.undo
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Brings a held original back and retires the replacement.",
        discussion: "Example: changeover undo swap-7f3k2q. Exit code 0 once the original serves again.")
    @OptionGroup var options: GlobalOptions
    @OptionGroup var lever: LeverOptions
    @Argument(help: "The swap.") var id: String
}

struct RetireVerb: LeverVerb {
    static let command = OperatorCommand.retire
    static let configuration = CommandConfiguration(
        commandName: "retire",
        abstract: "Ends the hold now: checks the replacement once more, terminates the original.",
        discussion: "Example: changeover retire swap-7f3k2q")
    @OptionGroup var options: GlobalOptions
    @OptionGroup var lever: LeverOptions
    @Argument(help: "The swap.") var id: String
}

struct ResumeVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Goes on with a paused, interrupted or stopped swap, or with all that are due.",
        discussion: """
            Example: changeover resume swap-7f3k2q
            Example, for cron or a systemd timer: changeover resume --due
            """)
    @OptionGroup var options: GlobalOptions
    @OptionGroup var lever: LeverOptions
    @Argument(help: "The swap.") var id: String?
    @Flag(help: "Settles everything that is due and nobody drives: ended holds, interrupted swaps.")
    var due = false

    func perform(_ output: Output) async throws -> ExitStatus {
        let workspace = try Workspace.load(options)
        let resumption = Lever(workspace: workspace, output: output, options: lever)
        guard due != (id != nil) else {
            throw CommandFailure(.usage, code: "usage", "name a swap, or say --due for all that are due; not both")
        }
        if let id { return try await resumption.resume(SwapID(id)) }
        return try await resumption.resumeDue()
    }
}
