/// One update of one machine; asked for again with the same token it goes on where it was, and never begins anew.
public struct UpdateRequest: Sendable, Hashable, Codable {
    /// The machine.
    public var instance: InstanceID
    /// Names the update on the machine: `[a-z0-9-]`, at most 64 characters.
    public var token: UpdateToken
    /// What is installed; `reboot` is not the update's business.
    public var policy: PatchPolicy
    /// After this long the machine itself ends what it still runs of the update; more than zero.
    public var timeout: Span

    /// Creates a request.
    public init(instance: InstanceID, token: UpdateToken, policy: PatchPolicy, timeout: Span) {
        self.instance = instance
        self.token = token
        self.policy = policy
        self.timeout = timeout
    }
}
