import LXDClient
import Workflow

/// The request that creates an instance of a launch's properties (LXD API, POST /1.0/instances); pure.
struct LXDCreation: Sendable {
    let launch: LaunchRequest
    let name: String
    let properties: [String: String]
    /// The configuration that is in no plan.
    let secrets: [String: String]

    /// Where it is sent: in a cluster, with the member that shall have it.
    var resource: LXDResource {
        LXDResource("instances", query: properties[LXDProperty.target].map { ["target": $0] } ?? [:])
    }

    /// The definition of the instance.
    var body: LXDValue {
        var fields: [String: LXDValue] = [
            "name": .text(name), "type": .text(properties[LXDProperty.type] ?? "container"),
            "description": .text(properties[LXDProperty.summary] ?? ""), "ephemeral": .boolean(false),
            "config": .texts(config), "devices": .object(devices.mapValues { .texts($0) }),
            "source": .object(["type": .text("image"), "fingerprint": .text(launch.specification.image.rawValue)]),
        ]
        fields["architecture"] = properties[LXDProperty.architecture].map { .text($0) }
        // Without the list the server takes its default profile.
        fields["profiles"] = properties[LXDProperty.profiles].flatMap { LXDProperty.value($0, as: [String].self) }
            .map { .list($0.map { .text($0) }) }
        return .object(fields)
    }

    private var config: [String: String] {
        var config = secrets
        for (name, value) in properties {
            if name.hasPrefix(LXDProperty.limitPrefix) { config[name] = value }
            if name.hasPrefix(LXDProperty.configPrefix) {
                config[String(name.dropFirst(LXDProperty.configPrefix.count))] = value
            }
        }
        let tags = launch.specification.tags
            .merging([LXDProperty.nameTag: launch.specification.name]) { $1 }
            .merging(launch.ownershipTags) { $1 }
            .merging([OwnershipTag.token: launch.token.rawValue]) { $1 }
        for (name, value) in tags {
            if let key = LXDConfigKind.key(ofTag: name) { config[key] = value }
        }
        return config
    }

    private var devices: [String: [String: String]] { LXDProperty.devices(in: properties) }
}

extension LXDProperty {
    /// The devices that properties describe, by their names.
    static func devices(in properties: [String: String]) -> [String: [String: String]] {
        properties.reduce(into: [:]) { devices, property in
            guard property.key.hasPrefix(devicePrefix),
                let options = value(property.value, as: [String: String].self)
            else { return }
            devices[String(property.key.dropFirst(devicePrefix.count))] = options
        }
    }
}
