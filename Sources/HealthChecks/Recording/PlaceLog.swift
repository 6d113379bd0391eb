internal import Workflow

/// What one part of a check asked of the outside world, in order: the three kinds of question by themselves.
struct PlaceLog: Sendable, Hashable, Codable {
    /// What was read from the monotonic clock, in milliseconds from the recording's start.
    var clock: [Int64] = []
    /// What was read from the wall clock.
    var wall: [WallTime] = []
    /// What was answered.
    var answers: [RecordedAnswer] = []
}
