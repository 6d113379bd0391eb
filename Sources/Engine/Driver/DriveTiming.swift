/// How long a drive took and how much of that it waited for others.
public struct DriveTiming: Sendable, Hashable, Codable {
    /// From the beginning of the drive to its end.
    public var totalMilliseconds: Int64
    /// Of that, the time in which a provider, a router, a machine or a check was at work, a person decided, or a
    /// waiting time of the policy ran.
    public var waitedMilliseconds: Int64

    /// Creates a timing.
    public init(totalMilliseconds: Int64 = 0, waitedMilliseconds: Int64 = 0) {
        self.totalMilliseconds = totalMilliseconds
        self.waitedMilliseconds = waitedMilliseconds
    }

    /// What the drive itself took: deciding, recording, and noticing late that something had become true.
    public var overheadMilliseconds: Int64 { totalMilliseconds - waitedMilliseconds }

    /// Two drives of one swap together.
    public static func + (left: Self, right: Self) -> Self {
        Self(
            totalMilliseconds: left.totalMilliseconds + right.totalMilliseconds,
            waitedMilliseconds: left.waitedMilliseconds + right.waitedMilliseconds)
    }
}
