internal import Documents
internal import Workflow

/// The format of `changeover.yaml`.
enum ConfigurationFormat {
    private typealias Provider = ConfigurationFile.Provider

    private static let apiVersion = DocumentKey(
        "apiVersion", .constant("changeover/v1"), isRequired: true, summary: "The version of the language.")
    private static let kind = DocumentKey(
        "kind", .constant("Configuration"), isRequired: true, summary: "What the file is.")
    private static let store = DocumentKey("store", storeFormat, summary: "Where journal and evidence are kept.")
    private static let provider = DocumentKey(
        "provider", DocumentFormat<String>.text("a provider's name"), summary: "The provider used by default.")
    private static let providers = DocumentKey(
        "providers", .dictionary(of: providerFormat), isRequired: true, summary: "The providers by name.")

    private static let folder = DocumentKey(
        "folder", DocumentFormat<String>.text("a folder"), defaultText: ".changeover",
        summary: "The folder, relative to this file.")
    private static let storeFormat = DocumentFormat<String>.object("store", keys: [folder.shape]) { object in
        object[folder] ?? ".changeover"
    }

    private static let root = DocumentKey(
        "root", DocumentFormat<String>.text("a folder"), isRequired: true, summary: "The folder of the instances.")
    private static let images = DocumentKey(
        "images", DocumentFormat<String>.text("a folder"), summary: "The folder of the images.")
    private static let local = DocumentKey(
        "local",
        DocumentFormat<Provider>.object("local", keys: [root.shape, images.shape]) { object in
            let images = object[images]
            return object[root].map { .local(root: $0, images: images) }
        }, summary: "Instances that are supervised processes on this machine.")
    private static let ec2 = DocumentKey("ec2", EC2Format.ec2, summary: "Instances of Amazon EC2.")
    private static let lxd = DocumentKey("lxd", LXDFormat.lxd, summary: "Instances of LXD or Incus.")
    private static let kinds = [local, ec2, lxd]
    private static let providerFormat = DocumentFormat<Provider>.object(
        "provider", keys: kinds.map(\.shape), exactlyOneOf: kinds.map(\.name)
    ) { object in
        object.exactlyOne(of: kinds)
    }

    static let file = DocumentFormat<ConfigurationFile>.object(
        "configuration", keys: [apiVersion.shape, kind.shape, store.shape, provider.shape, providers.shape]
    ) { object in
        _ = (object[apiVersion], object[kind])
        let folder = object[store] ?? ".changeover"
        let chosen = object[provider]
        guard let providers = object[providers] else { return nil }
        if let chosen, providers[chosen] == nil, let place = object.place(of: "provider") {
            let nearest = NearestName.find(chosen, in: providers.keys.sorted())
            place.report(
                .unknownValue, "there is no provider \"\(chosen)\" under providers",
                suggestion: nearest.map { "did you mean \"\($0)\"?" })
            return nil
        }
        let only = providers.count == 1 ? providers.keys.first : nil
        let named = providers.map { (ProviderName($0.key), $0.value) }
        return ConfigurationFile(
            path: object.cursor.documentPath, storeFolder: folder,
            defaultProvider: (chosen ?? only).map { ProviderName($0) },
            providers: Dictionary(named) { first, _ in first })
    }
}
