import LXDClient
import Workflow

/// Makes the specification of a replacement of what its original has; pure.
struct LXDInheritance: Sendable {
    let original: LXDInstance
    let image: ImageID
    /// The cluster member that the configuration wants replacements on.
    let target: String?
    let choices: LaunchChoices

    /// What a playbook's `inherit` may list for LXD.
    static let known: Set<InheritedProperty> = [
        .profiles, .devices, .blockDevices, .config, .limits, .tags, .userData,
    ]

    /// What the choices ask for that LXD has not; `nil` when nothing.
    static func problem(with choices: LaunchChoices) -> String? {
        let unknown = (choices.inherit ?? []).subtracting(known)
        guard unknown.isEmpty else {
            return "LXD does not know \(words(unknown)) under `inherit`; what can be inherited there is \(words(known))"
        }
        for alternative in choices.alternatives {
            guard alternative.type == nil, alternative.subnet == nil else {
                return "LXD has neither types nor subnets; an entry of `alternatives` can name another cluster member "
                    + "as its `zone`"
            }
        }
        return nil
    }

    private static func words(_ properties: Set<InheritedProperty>) -> String {
        properties.map(\.rawValue).sorted().map { "`\($0)`" }.joined(separator: ", ")
    }

    private func inherits(_ property: InheritedProperty) -> Bool {
        choices.inherit.map { $0.contains(property) } ?? true
    }

    /// The specification, with a cluster member for each alternative.
    ///
    /// `name` is what the original is called for people.
    func specification(name: String) -> LaunchSpecification {
        let tags = original.config.tags.filter { !$0.key.hasPrefix(OwnershipTag.prefix) }
        return LaunchSpecification(
            image: image, name: name, tags: inherits(.tags) ? tags : [:], properties: properties,
            alternatives: choices.alternatives.map { alternative in
                alternative.zone.map { [LXDProperty.target: $0] } ?? [:]
            },
            patch: choices.patch)
    }

    private var properties: [String: String] {
        var found = [LXDProperty.type: original.type, LXDProperty.architecture: original.architecture]
        if let member = target ?? original.member { found[LXDProperty.target] = member }
        if inherits(.profiles) { found[LXDProperty.profiles] = LXDProperty.text(original.profiles) }
        if inherits(.config), let summary = original.summary, !summary.isEmpty {
            found[LXDProperty.summary] = summary
        }
        for (key, value) in original.config {
            switch LXDConfigKind(key) {
            case .limit: if inherits(.limits) { found[key] = value }
            case .plain: if inherits(.config) { found[LXDProperty.configPrefix + key] = value }
            case .tag, .userData, .secret, .ofInstance: break
            }
        }
        for device in LXDDevice.list(original.devices) {
            let kind = device.options["type"] == "disk" ? InheritedProperty.blockDevices : .devices
            guard inherits(kind), let options = device.launchOptions else { continue }
            found[LXDProperty.devicePrefix + device.name] = LXDProperty.text(options)
        }
        if inherits(.userData), let digest = original.config.configuration(.userData).digest {
            found[LXDProperty.userDataFrom] = original.name
            found[LXDProperty.userDataDigest] = digest
        }
        if inherits(.config), let digest = original.config.configuration(.secret).digest {
            found[LXDProperty.secretsFrom] = original.name
            found[LXDProperty.secretsDigest] = digest
        }
        return found
    }
}
