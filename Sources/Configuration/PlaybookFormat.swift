internal import Documents
internal import Workflow

/// The format of a playbook.
enum PlaybookFormat {
    private static let apiVersion = DocumentKey(
        "apiVersion", .constant("changeover/v1"), isRequired: true, summary: "The version of the language.")
    private static let kind = DocumentKey(
        "kind", .constant("Playbook"), isRequired: true, summary: "What the file is.")
    private static let metadata = DocumentKey(
        "metadata", metadataFormat, isRequired: true, summary: "The playbook's name and purpose.")
    private static let provider = DocumentKey(
        "provider", DocumentFormat<String>.text("a provider's name"), summary: "A name in changeover.yaml.")
    private static let instances = DocumentKey(
        "instances", .list(of: DocumentFormat<String>.text("an instance")), summary: "Instances by id or name.")
    private static let select = DocumentKey("select", selectFormat, summary: "Instances by their tags.")
    private static let strategy = DocumentKey(
        "strategy", DocumentFormat<Strategy>.choice, defaultText: "blue-green",
        summary: "How instances are updated: a replacement takes over, or the instance itself is updated.")
    private static let launch = DocumentKey(
        "launch", LaunchFormat.launch, summary: "What the replacement is booted from.")
    private static let patch = DocumentKey("patch", patchFormat, summary: "What fully patched means.")
    private static let checks = DocumentKey(
        "checks", .list(of: DocumentFormat<String>.text("a check file")), isRequired: true,
        summary: "Check files; at least one.")
    private static let traffic = DocumentKey(
        "traffic", .list(of: RouteFormat.route), summary: "The routers through which traffic moves.")

    private static let name = DocumentKey(
        "name", DocumentFormat<String>.text("a name"), isRequired: true, summary: "What the playbook is called.")
    private static let description = DocumentKey(
        "description", DocumentFormat<String>.text, summary: "What the playbook is for.")
    private static let metadataFormat = DocumentFormat<[String]>.object(
        "metadata", keys: [name.shape, description.shape]
    ) { object in
        let summary = object[description] ?? ""
        return object[name].map { [$0, summary] }
    }

    private static let tags = DocumentKey(
        "tags", .dictionary(of: DocumentFormat<String>.text("a tag's value")), isRequired: true,
        summary: "Tags that an instance must carry, all of them.")
    private static let selectFormat = DocumentFormat<[String: String]>.object("select", keys: [tags.shape]) { object in
        object[tags]
    }

    private static let scope = DocumentKey(
        "scope", DocumentFormat<PatchPolicy.Scope>.choice, defaultText: "all", summary: "Which updates count.")
    private static let gems = DocumentKey(
        "gems", DocumentFormat<Bool>.boolean, defaultText: "false", summary: "Whether Rubygems are updated too.")
    private static let reboot = DocumentKey(
        "reboot", DocumentFormat<PatchPolicy.Reboot>.choice, defaultText: "if-required",
        summary: "What to do when an update asks for a reboot.")
    private static let patchFormat = DocumentFormat<PatchPolicy>.object(
        "patch", keys: [scope.shape, gems.shape, reboot.shape]
    ) { object in
        PatchPolicy(
            scope: object[scope] ?? .all, gems: object[gems] ?? false, reboot: object[reboot] ?? .ifRequired)
    }

    private static let keys: [DocumentObjectShape.Key] =
        [
            apiVersion.shape, kind.shape, metadata.shape, provider.shape, instances.shape, select.shape,
            strategy.shape, launch.shape, patch.shape, checks.shape, traffic.shape,
        ] + InPlaceKeys.rows + PolicyKeys.rows

    /// The routes; a static address that moves must not be what another router knows the instances by.
    private static func routes(of object: DocumentObject) -> [TrafficRoute] {
        let routes = object[traffic] ?? []
        let moves = routes.first(where: \.changesAddresses)
        let byAddress = routes.first { route in
            if case .haproxy = route { return true }
            return false
        }
        if let moves, let byAddress {
            object.place(of: "traffic")?.report(
                .conflictingKeys,
                "\(moves.name) gives the replacement another address, and \(byAddress.name) knows members by theirs",
                suggestion: "a router that sends to the static address needs no change: leave it out")
        }
        return routes
    }

    static let file = DocumentFormat<Playbook>.object("playbook", keys: keys) { object in
        _ = (object[apiVersion], object[kind])
        let selection = Playbook.Selection(instances: object[instances] ?? [], tags: object[select] ?? [:])
        let policy = PolicyKeys.read(object)
        let playbook = Playbook(
            name: "", provider: object[provider].map { ProviderName($0) }, selection: selection,
            launch: object[launch] ?? LaunchChoices(), checks: object[checks] ?? [], routes: routes(of: object),
            policy: policy, derivesDrain: !object.contains("drain"))
        let patching = object[patch] ?? PatchPolicy()
        let way = object[strategy] ?? .blueGreen
        let fallback = InPlaceKeys.fallback(of: object)
        let mayInterrupt = InPlaceKeys.mayInterrupt(object)
        InPlaceKeys.check(object, strategy: way, patch: patching)
        guard let metadata = object[metadata], object.contains("checks") else { return nil }
        var named = playbook
        named.launch.patch = patching
        named.strategy = way
        named.fallback = fallback
        named.mayInterrupt = mayInterrupt
        named.name = metadata[0]
        named.summary = metadata[1]
        return named
    }
}
