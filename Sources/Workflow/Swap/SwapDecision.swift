/// What the state machine makes of one event.
public struct SwapDecision: Sendable, Hashable {
    /// The swap afterwards.
    public var swap: Swap
    /// Why, in sentences that an operator reads.
    public var reasons: [String]
    /// The calls to journal as intents together with the event, and then to make.
    public var intents: [Call]
    /// Whether the event changed anything; a late or illegal event does not.
    public var isAccepted: Bool
}
