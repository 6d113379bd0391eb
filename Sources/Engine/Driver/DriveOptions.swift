/// When a driver stops by itself, and what it may decide without a person.
public struct DriveOptions: Sendable {
    /// Whether a checkpoint that only policy asks for is passed without a person (`--yes`).
    public var approvesPolicyCheckpoints: Bool
    /// Whether the driver waits at a checkpoint for an approval from elsewhere; otherwise it returns.
    public var waitsAtCheckpoints: Bool
    /// Whether the driver waits for the end of a hold; otherwise it returns once the original is held.
    public var waitsForHold: Bool

    /// Creates options; by default the driver returns at a checkpoint and at the hold.
    public init(
        approvesPolicyCheckpoints: Bool = false, waitsAtCheckpoints: Bool = false, waitsForHold: Bool = false
    ) {
        self.approvesPolicyCheckpoints = approvesPolicyCheckpoints
        self.waitsAtCheckpoints = waitsAtCheckpoints
        self.waitsForHold = waitsForHold
    }
}
