import ArgumentParser
import Engine
import Journal
import Workflow

struct OrphansCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orphans",
        abstract: "Finds and settles instances that carry our tags and belong to no live swap.",
        subcommands: [OrphansList.self, OrphansAdopt.self, OrphansDelete.self], defaultSubcommand: OrphansList.self)
}

/// One orphan as scripts read it.
struct OrphanDocument: Codable {
    var instance: Instance
    var swap: String
    var reason: String
}

extension Workspace {
    /// Every instance that carries our ownership tag and whose swap is unknown or has ended.
    func orphans(of provider: ProviderName) async throws -> [OrphanDocument] {
        let live = Set(try await journalReader.swaps(liveOnly: true).map(\.id.rawValue))
        let known = Set(try await journalReader.swaps(liveOnly: false).map(\.id.rawValue))
        return try await observer(provider).instances().compactMap { instance in
            guard instance.state != .terminated, instance.state != .terminating,
                let swap = instance.tags[OwnershipTag.swap], !live.contains(swap)
            else { return nil }
            let kept = instance.tags[OwnershipTag.role] == "kept"
            let reason =
                kept
                ? "kept on failure by its playbook"
                : known.contains(swap) ? "its swap has ended" : "its swap is not in this store"
            return OrphanDocument(instance: instance, swap: swap, reason: reason)
        }
    }

    fileprivate func orphan(_ id: String, of provider: ProviderName) async throws -> OrphanDocument {
        guard let orphan = try await orphans(of: provider).first(where: { $0.instance.id.rawValue == id }) else {
            throw CommandFailure(
                .refused, code: "no-orphan", "\(id) is no orphan, so it was not touched; see `changeover orphans list`")
        }
        return orphan
    }
}

struct OrphansList: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists orphans.", discussion: "Example: changeover orphans list --output json")
    @OptionGroup var options: GlobalOptions
    @Option(help: "A provider of the configuration (default: its default).") var provider: String?

    func perform(_ output: Output) async throws -> ExitStatus {
        let workspace = try Workspace.load(options)
        let orphans = try await workspace.orphans(of: workspace.providerName(provider.map { ProviderName($0) }))
        if output.format == .jsonl { orphans.forEach { output.document($0) } } else { output.document(orphans) }
        if orphans.isEmpty { output.line("There are no orphans.") }
        for orphan in orphans {
            output.line(
                "\(orphan.instance.id) (\(orphan.instance.name), \(orphan.instance.state.rawValue)) of \(orphan.swap): \(orphan.reason)"
            )
        }
        return .done
    }
}

struct OrphansAdopt: Verb {
    static let configuration = CommandConfiguration(
        commandName: "adopt", abstract: "Takes our tags off an orphan: it becomes an instance like any other.",
        discussion: "Example: changeover orphans adopt i-0123456789ab")
    @OptionGroup var options: GlobalOptions
    @Option(help: "A provider of the configuration (default: its default).") var provider: String?
    @Argument(help: "The orphan.") var id: String

    func perform(_ output: Output) async throws -> ExitStatus {
        let workspace = try Workspace.load(options)
        let name = try workspace.providerName(provider.map { ProviderName($0) })
        let orphan = try await workspace.orphan(id, of: name)
        try await workspace.provider(name).tag(
            orphan.instance.id,
            with: [OwnershipTag.swap: nil, OwnershipTag.token: nil, OwnershipTag.role: nil])
        output.line("\(id) is adopted: it carries our tags no more.")
        output.document(orphan)
        return .done
    }
}

struct OrphansDelete: Verb {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Terminates an orphan for good.",
        discussion: "Example: changeover orphans delete i-0123456789ab --yes")
    @OptionGroup var options: GlobalOptions
    @Option(help: "A provider of the configuration (default: its default).") var provider: String?
    @Argument(help: "The orphan.") var id: String
    @Flag(help: "Yes, terminate it.") var yes = false

    func perform(_ output: Output) async throws -> ExitStatus {
        let workspace = try Workspace.load(options)
        let name = try workspace.providerName(provider.map { ProviderName($0) })
        let orphan = try await workspace.orphan(id, of: name)
        guard yes else {
            throw CommandFailure(
                .refused, code: "not-confirmed",
                "this would terminate \(id) (\(orphan.instance.name)) for good; say --yes if that is meant")
        }
        try await workspace.provider(name).terminate(orphan.instance.id)
        output.line("\(id) is being terminated.")
        output.document(orphan)
        return .done
    }
}
