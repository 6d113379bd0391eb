public import Documents
public import Workflow

/// `changeover.yaml`: where the store is and which providers there are.
public struct ConfigurationFile: Sendable, Hashable {
    /// One provider's adapter and settings.
    public enum Provider: Sendable, Hashable {
        /// The embedded provider; `root` holds its instances, `images` its images (by default below `root`).
        case local(root: String, images: String?)
        /// Instances of Amazon EC2, or of a cloud that speaks its language.
        case ec2(EC2Configuration)
        /// Instances of LXD or Incus.
        case lxd(LXDConfiguration)
    }

    /// The file's path.
    public var path: String
    /// The folder of journal and evidence, relative to the file's folder unless absolute.
    public var storeFolder: String
    /// The provider used where a playbook names none.
    public var defaultProvider: ProviderName?
    /// The providers by name.
    public var providers: [ProviderName: Provider]

    /// Creates a configuration.
    public init(
        path: String, storeFolder: String, defaultProvider: ProviderName?, providers: [ProviderName: Provider]
    ) {
        self.path = path
        self.storeFolder = storeFolder
        self.defaultProvider = defaultProvider
        self.providers = providers
    }

    /// What holds without a file: one provider, `ec2`, whose account the environment's `AWS_` variables name.
    public static let environment = ConfigurationFile(
        path: "the environment", storeFolder: ".changeover", defaultProvider: ProviderName("ec2"),
        providers: [ProviderName("ec2"): .ec2(EC2Configuration())])

    /// Whether it was read from a file.
    public var isFile: Bool { self != .environment }

    /// Whether a provider runs commands by the OpenSSH client.
    public var usesSSH: Bool {
        providers.values.contains { provider in
            switch provider {
            case .ec2(let ec2): if case .ssh = ec2.commands { true } else { false }
            case .lxd(let lxd): if case .ssh = lxd.commands { true } else { false }
            case .local: false
            }
        }
    }

    /// Decodes the file's bytes; throws every mistake that can be found in one pass.
    public static func decode(_ bytes: [UInt8], path: String) throws(DocumentErrors) -> ConfigurationFile {
        try ConfigurationFormat.file.decode(DocumentParser.parse(bytes: bytes, path: path))
    }
}
