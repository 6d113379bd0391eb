/// What a PUT replaces of an instance; whatever is left out of it is taken from the instance.
public struct LXDDefinition: Sendable, Hashable {
    /// Its architecture, such as `x86_64`.
    public var architecture: String
    /// Its own configuration, volatile keys included.
    public var config: [String: String]
    /// Its own devices.
    public var devices: [String: [String: String]]
    /// Whether it goes when it is stopped.
    public var isEphemeral: Bool
    /// Its profiles, in order.
    public var profiles: [String]
    /// What people say of it.
    public var summary: String

    /// Creates a definition.
    public init(
        architecture: String, config: [String: String] = [:], devices: [String: [String: String]] = [:],
        isEphemeral: Bool = false, profiles: [String] = ["default"], summary: String = ""
    ) {
        self.architecture = architecture
        self.config = config
        self.devices = devices
        self.isEphemeral = isEphemeral
        self.profiles = profiles
        self.summary = summary
    }

    /// The definition that an instance has.
    public init(_ instance: LXDInstance) {
        self.init(
            architecture: instance.architecture, config: instance.config, devices: instance.devices,
            isEphemeral: instance.isEphemeral, profiles: instance.profiles, summary: instance.summary ?? "")
    }

    /// The body of the PUT.
    public var value: LXDValue {
        .object([
            "architecture": .text(architecture), "config": .texts(config),
            "devices": .object(devices.mapValues { .texts($0) }), "ephemeral": .boolean(isEphemeral),
            "profiles": .list(profiles.map { .text($0) }), "description": .text(summary),
        ])
    }
}
