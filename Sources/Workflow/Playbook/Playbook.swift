/// A playbook as a person wrote it, with every default filled in.
public struct Playbook: Sendable, Hashable, Codable {
    /// What the replacement is booted from.
    public enum ImageChoice: Sendable, Hashable, Codable {
        /// The original's own image; first boot installs what is newer.
        case same
        /// This image.
        case id(ImageID)
    }

    /// Which instances the playbook is for, when none are named on the command line.
    public struct Selection: Sendable, Hashable, Codable {
        /// Instances by id or name.
        public var instances: [String]
        /// Instances that carry all of these tags.
        public var tags: [String: String]

        /// Creates a selection.
        public init(instances: [String] = [], tags: [String: String] = [:]) {
            self.instances = instances
            self.tags = tags
        }
    }

    /// The playbook's name.
    public var name: String
    /// What it is for, in words.
    public var summary: String
    /// The provider, by its name in `changeover.yaml`; `nil` for the configuration's default.
    public var provider: ProviderName?
    /// Which instances it is for.
    public var selection: Selection
    /// What the replacement is booted from.
    public var image: ImageChoice
    /// How the replacement is patched.
    public var patch: PatchPolicy
    /// Paths of the check files, relative to the playbook's folder or its parent.
    public var checks: [String]
    /// The routers through which traffic moves.
    public var routes: [TrafficRoute]
    /// Approvals, waiting times and deadlines.
    public var policy: SwapPolicy

    /// Creates a playbook.
    public init(
        name: String, summary: String = "", provider: ProviderName? = nil, selection: Selection = Selection(),
        image: ImageChoice = .same, patch: PatchPolicy = PatchPolicy(), checks: [String] = [],
        routes: [TrafficRoute] = [], policy: SwapPolicy = SwapPolicy()
    ) {
        self.name = name
        self.summary = summary
        self.provider = provider
        self.selection = selection
        self.image = image
        self.patch = patch
        self.checks = checks
        self.routes = routes
        self.policy = policy
    }
}
