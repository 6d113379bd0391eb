/// What was answered is more than a recording may hold.
public struct RecordingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What to do about it.
    public var description: String {
        "the answers are more than \(RecordingWorld.maximumBytes >> 20) MiB, which is what a recording may hold: "
            + "measure once, for a shorter time, or something smaller"
    }
}
