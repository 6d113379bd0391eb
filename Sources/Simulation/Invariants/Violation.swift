/// An invariant that did not hold.
public struct Violation: Sendable, Hashable, CustomStringConvertible {
    /// The invariant's number in `docs/architecture.md`, 1 to 16.
    public var invariant: Int
    /// What was seen instead.
    public var detail: String

    /// The invariant with what was seen.
    public var description: String { "invariant \(invariant): \(detail)" }
}
