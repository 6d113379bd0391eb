import Workflow

/// What the local provider remembers of one instance, in its `instance.json`.
struct LocalRecord: Codable, Sendable {
    /// What the instance was last told to be; what it is follows from its processes.
    enum Intention: String, Codable, Sendable {
        /// It shall run.
        case running
        /// It shall be stopped with its disk kept.
        case stopped
        /// It shall be, or is, gone.
        case terminated
    }

    /// The instance's id, which follows from the token.
    var id: String
    /// The token of its launch.
    var token: String
    /// Its name for people.
    var name: String
    /// Its image.
    var image: String
    /// Its loopback address.
    var address: String
    /// Its service's port.
    var port: Int
    /// Its tags, ownership tags included.
    var tags: [String: String]
    /// The launch's properties.
    var properties: [String: String]
    /// What first boot installs: `all`, `security` or `no`.
    var patch: String
    /// Whether first boot shall update gems.
    var gems: Bool
    /// The service's program and arguments.
    var service: [String]
    /// The first-boot script within the disk.
    var firstBoot: String
    /// When it was launched.
    var launchedAt: WallTime
    /// What it was last told to be.
    var intention = Intention.running
    /// When it was gone for good; its disk is removed.
    var terminatedAt: WallTime?

    /// Whether the provider refuses to terminate it: the `protected` property or tag says `yes` or `true`.
    var isProtected: Bool {
        let values: Set<String> = [properties[LocalProperty.protected] ?? "", tags["protected"] ?? ""]
        return !values.isDisjoint(with: ["yes", "true"])
    }

    /// The observation of this record in `state`.
    func instance(state: InstanceState) -> Instance {
        var shown = properties
        shown[LocalProperty.port] = String(port)
        return Instance(
            id: InstanceID(id), name: name, state: state, image: ImageID(image),
            address: intention == .terminated ? nil : address, tags: tags, launchedAt: launchedAt,
            properties: shown, isTerminationProtected: isProtected)
    }
}
