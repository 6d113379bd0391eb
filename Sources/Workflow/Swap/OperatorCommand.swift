/// What an operator may ask of a swap, from any process that shares its store.
public enum OperatorCommand: String, Sendable, Hashable, Codable, CaseIterable {
    /// Pass the checkpoint.
    case approve
    /// Pass the checkpoint although checks warned or were inconclusive.
    case promote
    /// Go back to the original.
    case rollback
    /// Do nothing new until resumed.
    case pause
    /// Go on after a pause, or try again what needed an operator.
    case resume
    /// Undo what was done and end the swap.
    case cancel
    /// Bring the held original back.
    case undo
    /// End the hold now and terminate the original; after a stop, end the swap with the replacement if it serves.
    case retire
}

/// An operator's command with its author.
public struct OperatorRequest: Sendable, Hashable, Codable {
    /// What is asked.
    public var command: OperatorCommand
    /// Who asks, such as `alice@bastion`.
    public var author: String
    /// Why, in the operator's words; may be empty.
    public var comment: String

    /// Creates a request.
    public init(command: OperatorCommand, author: String, comment: String = "") {
        self.command = command
        self.author = author
        self.comment = comment
    }
}
