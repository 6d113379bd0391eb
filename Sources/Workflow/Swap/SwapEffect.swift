/// What the driver of a swap shall be doing: derived from the state alone, so that a resumed swap goes on as it was.
public enum SwapEffect: Sendable, Hashable {
    /// Read everything that preflight reads and run the baseline checks.
    case preflight
    /// Make a call whose intent is in the journal.
    case perform(Call)
    /// Wait until something is observed.
    case observe(Observation)
    /// Run health checks.
    case assess(Assessment)
    /// Write what is known of the replacement into the evidence folder.
    case saveEvidence
    /// Report when a timer is due.
    case timer(SwapTimer)
}
