/// What an update of a machine did, as the machine itself recorded it.
public struct UpdateResult: Sendable, Hashable, Codable {
    /// One package or gem whose version is another one than before.
    public struct Change: Sendable, Hashable, Codable {
        /// The package's name; a Rubygem's begins with `gem:`.
        public var package: String
        /// The version before; `nil` for a package that is new.
        public var before: String?
        /// The version now; `nil` for a package that was removed.
        public var after: String?

        /// Creates a change.
        public init(package: String, before: String?, after: String?) {
            self.package = package
            self.before = before
            self.after = after
        }
    }

    /// Why the update failed, in one sentence; `nil` when it did all that it was asked.
    public var failure: String?
    /// What was changed, by name; what a failed update had changed before it failed counts.
    public var changes: [Change]
    /// Packages whose updates were left out because the machine's administrator holds them back.
    public var held: [String]
    /// Services that the update restarted.
    public var restartedServices: [String]
    /// Whether the machine asks for a reboot; `nil` when it cannot tell.
    public var rebootRequired: Bool?
    /// The boot in which the update ended, by which a later reboot is proven; `nil` on a machine without one of its own.
    public var bootID: String?

    /// Creates a result.
    public init(
        failure: String? = nil, changes: [Change] = [], held: [String] = [], restartedServices: [String] = [],
        rebootRequired: Bool? = nil, bootID: String? = nil
    ) {
        self.failure = failure
        self.changes = changes
        self.held = held
        self.restartedServices = restartedServices
        self.rebootRequired = rebootRequired
        self.bootID = bootID
    }
}
