/// Several probes that count as one check.
struct CheckGroup: Sendable, Hashable {
    enum Rule: String, Sendable, Hashable, CaseIterable {
        /// As good as its worst member.
        case all
        /// As good as its best member.
        case any
    }

    /// One probe of a group; its timing is the group's.
    struct Member: Sendable, Hashable {
        var id: String
        var kind: Check.Kind
        var assertions: [Assertion]
    }

    var rule: Rule
    var members: [Member]
}
