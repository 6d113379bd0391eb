/// A command whose end says how healthy the instance is.
struct ExecCheck: Sendable, Hashable {
    enum Place: String, Sendable, Hashable, CaseIterable {
        /// On the instance under test.
        case instance
        /// On the machine that runs changeover.
        case controller
    }

    enum Interface: String, Sendable, Hashable, CaseIterable {
        /// Exit code 0 ok, 1 warning, 2 critical, anything else unknown.
        case nagios
        /// Exit code 0 ok, anything else critical.
        case exitcode
    }

    var place: Place
    var interface: Interface
    /// Program and arguments; no shell reads them.
    var command: [String]
}
