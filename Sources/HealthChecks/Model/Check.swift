internal import Workflow

/// One check of a file, with all defaults filled in.
struct Check: Sendable, Hashable {
    /// What is measured.
    enum Kind: Sendable, Hashable {
        case http(HTTPCheck)
        case tcp(TCPCheck)
        case exec(ExecCheck)
        case patched(PatchedCheck)
    }

    var id: String
    var timing: CheckTiming
    var kind: Kind
    var assertions: [Assertion]
}
