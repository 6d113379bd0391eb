/// The life-cycle state of an instance, in the words that clouds share.
public enum InstanceState: String, Sendable, Hashable, Codable, CaseIterable {
    /// Launch or start was accepted; the machine is not up yet.
    case pending
    /// The machine runs; says nothing of the services on it.
    case running
    /// A stop was accepted and is under way.
    case stopping
    /// Stopped; can be started again with its disk.
    case stopped
    /// A terminate was accepted and is under way.
    case terminating
    /// Gone for good; may stay listed for a while.
    case terminated
}
