/// What a playbook says about the replacement's launch.
public struct LaunchChoices: Sendable, Hashable, Codable {
    /// What the replacement is booted from.
    public var image: ImageChoice
    /// What it inherits from the original; `nil` for everything that the provider knows.
    public var inherit: Set<InheritedProperty>?
    /// What is changed, in this order, when there is no room for the one before.
    public var alternatives: [LaunchAlternative]
    /// How it is patched.
    public var patch: PatchPolicy

    /// Creates choices.
    public init(
        image: ImageChoice = .same, inherit: Set<InheritedProperty>? = nil, alternatives: [LaunchAlternative] = [],
        patch: PatchPolicy = PatchPolicy()
    ) {
        self.image = image
        self.inherit = inherit
        self.alternatives = alternatives
        self.patch = patch
    }
}

/// What a replacement is booted from.
public enum ImageChoice: Sendable, Hashable, Codable {
    /// The original's own image; first boot installs what is newer.
    case same
    /// This image.
    case id(ImageID)
    /// The newest image of an owner (an account number, `self`, `amazon`, …) whose name fits a pattern with `*` and `?`.
    case newest(owner: String, name: String)
    /// The image whose id a public parameter of the provider's parameter store holds.
    case parameter(String)

    /// The image that is named outright.
    public var id: ImageID? {
        switch self {
        case .id(let id): id
        case .same, .newest, .parameter: nil
        }
    }
}

/// Something that a replacement may inherit from its original.
public enum InheritedProperty: String, Sendable, Hashable, Codable, CaseIterable {
    /// The instance type.
    case type
    /// The subnet, and with it the zone.
    case subnet
    /// The security groups.
    case securityGroups
    /// The role, that is the instance profile.
    case role
    /// The key pair.
    case key
    /// The tags.
    case tags
    /// The operator's user data, to which ours is added.
    case userData
    /// The disks: sizes, kinds, encryption.
    case blockDevices
    /// How the instance's metadata may be read.
    case metadataOptions
    /// Placement group and tenancy.
    case placement
    /// The credit specification of burstable types.
    case credits
    /// The profiles of LXD or Incus.
    case profiles
    /// The instance's own devices of LXD or Incus, beside those of its profiles.
    case devices
    /// The instance's own configuration of LXD or Incus, but for limits and tags.
    case config
    /// The limits of LXD or Incus: processors, memory and the like.
    case limits
}

/// One change to try when there is no room for a launch.
public struct LaunchAlternative: Sendable, Hashable, Codable {
    /// Another instance type.
    public var type: String?
    /// Another zone; a provider that places by subnet looks for a subnet of the same network there.
    public var zone: String?
    /// Another subnet.
    public var subnet: String?

    /// Creates an alternative.
    public init(type: String? = nil, zone: String? = nil, subnet: String? = nil) {
        self.type = type
        self.zone = zone
        self.subnet = subnet
    }
}
