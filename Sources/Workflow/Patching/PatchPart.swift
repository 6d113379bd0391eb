/// One part of what a machine says of itself: it was read, it has no meaning on that machine, or it could not be read.
///
/// What could not be read is never taken for "nothing to report".
public enum PatchPart<Value: Sendable & Hashable & Codable>: Sendable, Hashable, Codable {
    /// It was read.
    case read(value: Value)
    /// The machine provably has nothing of the kind; why.
    case notApplicable(reason: String)
    /// It could not be read; why.
    case unreadable(reason: String)
}
