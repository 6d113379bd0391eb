/// One thing that is carried over from original to replacement, with the inverse that brings it back.
public struct LedgerEntry: Sendable, Hashable, Codable {
    /// What kind of thing is carried over.
    public enum Subject: Sendable, Hashable, Codable {
        /// Membership of the original, as observed, in a router's service.
        case trafficRegistration(router: RouterName, member: TrafficMember)
        /// A tag that the replacement inherits at launch.
        case tag(name: String, value: String)
    }

    /// What is carried over.
    public var subject: Subject
    /// What promote does, in words.
    public var forward: String
    /// What a rollback does, in words.
    public var inverse: String

    /// Creates a ledger entry.
    public init(subject: Subject, forward: String, inverse: String) {
        self.subject = subject
        self.forward = forward
        self.inverse = inverse
    }
}
