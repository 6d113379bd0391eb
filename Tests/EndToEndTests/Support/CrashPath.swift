/// A command whose journal writes are disturbed, and where it leads all the same.
enum CrashPath: String, Sendable, CaseIterable {
    /// `swap`, from the store's creation to the held original.
    case forward
    /// `approve`, after which a check fails once the traffic has moved.
    case failingCheck = "failing check"
    /// `rollback` at the checkpoint before promote.
    case rollback
    /// `undo` of a held swap.
    case undo
    /// `retire` of a held swap.
    case retire

    /// What the operator types.
    func command(_ swap: String) -> [String] {
        switch self {
        case .forward: ["swap", "web-1"]
        case .failingCheck: ["approve", swap]
        case .rollback, .undo, .retire: [rawValue, swap]
        }
    }

    /// The state in which the swap is when it begins; `nil` when there is none.
    var start: String? {
        switch self {
        case .forward: nil
        case .failingCheck, .rollback: "awaitingApproval"
        case .undo, .retire: "holding"
        }
    }

    /// The state in which the swap must end.
    var end: String {
        switch self {
        case .forward: "holding"
        case .failingCheck, .rollback, .undo: "rolledBack"
        case .retire: "succeeded"
        }
    }

    /// The exit code of the command that gets there.
    var code: Int32 { self == .failingCheck ? 2 : 0 }

    /// The exit code of `resume` when it gets there or finds the swap there.
    var resumeCode: Int32 { end == "rolledBack" ? 2 : 0 }
}
