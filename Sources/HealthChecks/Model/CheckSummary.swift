public import Workflow

/// One check of a file in short, for lists.
public struct CheckSummary: Sendable, Hashable {
    /// The check's name.
    public let id: CheckID
    /// Its kind, as it is written in check files.
    public let kind: String
    /// The phases that it takes part in.
    public let phases: [CheckPhase]
    /// Whether its verdict counts.
    public let isEnforced: Bool
}
