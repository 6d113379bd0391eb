/// A question to the instance's service manager.
struct SystemdCheck: Sendable, Hashable {
    /// What a failed unit means.
    enum FailedRule: String, Sendable, Hashable, CaseIterable {
        case forbid
        case warn
        case allow
    }

    /// The units that must be active, with their suffixes.
    var units: [String]
    var failed: FailedRule = .forbid
    /// Units that may have failed all the same.
    var ignored: [String] = []
}
