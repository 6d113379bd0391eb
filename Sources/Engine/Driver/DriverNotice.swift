public import Workflow

/// What a driver tells whoever watches it from the same process.
public enum DriverNotice: Sendable {
    /// A record was appended and this is the swap after it.
    case recorded(JournalRecord, Swap)
    /// A check was measured.
    case check(CheckProgress)
    /// A line of output.
    case line(LogLine)
    /// A drive has ended and took this long.
    case timed(SwapID, DriveTiming)
}
