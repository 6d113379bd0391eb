/// How cloud-init's work of the present boot stands, as its own files in `/run/cloud-init` say.
public struct CloudInitResult: Sendable, Hashable, Codable {
    /// How far it came.
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// All of its stages have ended, with or without errors.
        case done
        /// A stage is still at work, or did not come to its end.
        case running
        /// It is switched off on this machine.
        case disabled
    }

    /// How far it came.
    public var state: State
    /// What failed.
    public var errors: [String]
    /// What it got over by itself (`recoverable_errors`).
    public var warnings: [String]

    /// Creates a result.
    public init(state: State, errors: [String] = [], warnings: [String] = []) {
        self.state = state
        self.errors = errors
        self.warnings = warnings
    }
}
