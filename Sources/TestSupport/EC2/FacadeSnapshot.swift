/// How the world behind an EC2 façade is, without anything that differs from run to run.
public struct FacadeSnapshot: Sendable, Hashable, CustomStringConvertible {
    /// One instance that exists or existed.
    public struct Instance: Sendable, Hashable {
        /// Its id.
        public var id: String
        /// Its state, in EC2's words.
        public var state: String
        /// Its image.
        public var image: String
        /// Its tags.
        public var tags: [String: String]
        /// The target groups in which it is registered and not draining, by name.
        public var groups: [String]
        /// The allocations of the Elastic addresses that it has.
        public var addresses: [String]
    }

    /// Every instance that there ever was, in the order of its making.
    public var instances: [Instance]

    /// One line for each instance.
    public var description: String {
        instances.map { instance in
            let tags = instance.tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            return "\(instance.id) \(instance.state) \(instance.image) groups=\(instance.groups) "
                + "addresses=\(instance.addresses) \(tags)"
        }.joined(separator: "\n")
    }
}
