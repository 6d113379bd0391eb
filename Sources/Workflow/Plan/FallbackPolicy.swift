/// What happens when blue-green cannot be attempted.
///
/// Never the answer to a replacement that failed its checks: the same updates would break the original.
public struct FallbackPolicy: Sendable, Hashable, Codable {
    /// Why blue-green cannot be attempted.
    public enum Trigger: String, Sendable, Hashable, Codable, CaseIterable {
        /// The provider has no room for such an instance at present.
        case capacity
        /// An account's limit is reached.
        case quota
        /// The original has something that no replacement can be given, or may not be terminated.
        case irreplaceable
    }

    /// What may lead to the fallback; never empty.
    public var triggers: [Trigger]
    /// Whether a person passes a checkpoint before the update.
    public var approval: SwapPolicy.Approval

    /// Creates a fallback to an update in place.
    public init(triggers: [Trigger] = Trigger.allCases, approval: SwapPolicy.Approval = .ask) {
        self.triggers = triggers
        self.approval = approval
    }
}
