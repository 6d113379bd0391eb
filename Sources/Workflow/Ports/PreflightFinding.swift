/// Something that preflight or planning found about a swap.
public struct PreflightFinding: Sendable, Hashable, Codable {
    /// What a finding means for the swap.
    public enum Severity: String, Sendable, Hashable, Codable {
        /// Worth knowing.
        case note
        /// Worth attention; the swap goes on.
        case warning
        /// The swap is refused.
        case obstacle
    }

    /// What the finding means for the swap.
    public var severity: Severity
    /// A stable word for scripts, such as `capacity` or `image`.
    public var code: String
    /// What was found and what to do about it, in one or two sentences.
    public var message: String
    /// Which fallback an obstacle may lead to; `nil` when it stands in the way of an update in place as well.
    public var trigger: FallbackPolicy.Trigger?

    /// Creates a finding.
    public init(
        _ severity: Severity, code: String, message: String, trigger: FallbackPolicy.Trigger? = nil
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.trigger = trigger
    }

    /// Which fallback an obstacle may lead to, by what it says itself or else by its code.
    public var fallbackTrigger: FallbackPolicy.Trigger? { trigger ?? FallbackPolicy.Trigger(rawValue: code) }
}
