public import Documents
public import Workflow

/// `changeover.yaml`: where the store is and which providers there are.
public struct ConfigurationFile: Sendable, Hashable {
    /// One provider's adapter and settings.
    public enum Provider: Sendable, Hashable {
        /// The embedded provider; `root` holds its instances, `images` its images (by default below `root`).
        case local(root: String, images: String?)
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

    /// Decodes the file's bytes; throws every mistake that can be found in one pass.
    public static func decode(_ bytes: [UInt8], path: String) throws(DocumentErrors) -> ConfigurationFile {
        try ConfigurationFormat.file.decode(DocumentParser.parse(bytes: bytes, path: path))
    }
}
