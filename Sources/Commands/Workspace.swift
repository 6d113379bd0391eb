import Configuration
import CurlTransport
import Documents
import Engine
import Foundation
import HealthChecks
import Journal
import Patching
import Providers
import Traffic
import Workflow

/// The adapters that one configuration asks for.
struct Workspace: Sendable {
    let configuration: ConfigurationFile
    /// The folder from which the configuration's relative paths count.
    let folder: URL
    let clock = SystemClock()
    let controller = ControllerCommandRunner()
    let inspector = SystemPatchInspector()
    let transport: CurlTransport

    /// Reads the configuration; throws `DocumentErrors` or a failure that says where it was looked for.
    static func load(_ options: GlobalOptions) throws -> Workspace {
        let path = try locate(options.config)
        let configuration = try ConfigurationFile.decode(
            try FileReader.bytes(of: path, what: "the configuration"), path: path)
        let folder = URL(fileURLWithPath: path).standardizedFileURL.deletingLastPathComponent()
        return Workspace(configuration: configuration, folder: folder, transport: try CurlTransport())
    }

    private static func locate(_ given: String?) throws -> String {
        if let given { return given }
        let environment = ProcessInfo.processInfo.environment
        let home = environment["XDG_CONFIG_HOME"] ?? (environment["HOME"].map { $0 + "/.config" } ?? "")
        let places = ["changeover.yaml", "\(home)/changeover/changeover.yaml"]
        if let found = places.first(where: FileManager.default.fileExists(atPath:)) { return found }
        throw CommandFailure(
            .usage, code: "no-configuration",
            "there is no configuration: looked for \(places.joined(separator: " and ")); "
                + "`changeover init` writes one, `--config FILE` names one")
    }

    /// A path of the configuration or a playbook, made absolute from the configuration's folder.
    func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : folder.appendingPathComponent(path).standardizedFileURL.path
    }

    var storeFolder: URL { URL(fileURLWithPath: absolute(configuration.storeFolder), isDirectory: true) }
    var journalPath: String { storeFolder.appendingPathComponent("journal.sqlite").path }
    var evidence: EvidenceStore { EvidenceStore(root: storeFolder.appendingPathComponent("evidence")) }

    /// The provider's name that a playbook or the configuration gives.
    func providerName(_ wanted: ProviderName?) throws -> ProviderName {
        guard let name = wanted ?? configuration.defaultProvider else {
            throw CommandFailure(
                .usage, code: "no-provider",
                "\(configuration.path) has several providers and no `provider:` that says which is the default")
        }
        guard configuration.providers[name] != nil else {
            let known = configuration.providers.keys.map(\.rawValue).sorted().joined(separator: ", ")
            throw CommandFailure(
                .usage, code: "unknown-provider",
                "there is no provider \(name) in \(configuration.path); it has \(known)")
        }
        return name
    }

    /// The adapter of a provider.
    func provider(_ name: ProviderName) throws -> any CloudProvider {
        switch configuration.providers[try providerName(name)] {
        case .local(let root, let images):
            return LocalProvider(name: name, root: absolute(root), images: images.map(absolute), clock: clock)
        case nil:
            throw CommandFailure(.usage, code: "unknown-provider", "there is no provider \(name)")
        }
    }

    /// A provider that cannot mutate, by type.
    func observer(_ name: ProviderName) throws -> any InstanceObserver { try provider(name) }

    private var routerFactory: TrafficRouterFactory {
        TrafficRouterFactory(transport: transport, runner: controller)
    }

    func routers(for routes: [TrafficRoute]) -> [RouterName: any TrafficRouter] {
        Dictionary(routes.map { ($0.name, routerFactory.router(for: $0)) }) { first, _ in first }
    }

    func observers(for routes: [TrafficRoute]) -> [RouterName: any TrafficObserver] {
        Dictionary(routes.map { ($0.name, routerFactory.observer(for: $0)) }) { first, _ in first }
    }

    /// The journal, for reading only; a store that does not exist yet reads as empty.
    var journalReader: SQLiteJournalReader { SQLiteJournalReader(path: journalPath, clock: clock) }

    /// Reads from the journal with a reader that is closed afterwards.
    ///
    /// SQLite shares one mapping of the index within a process: beside an open reader the journal could not write, so
    /// whoever goes on to write reads in this way.
    func reading<Value: Sendable>(
        _ body: (SQLiteJournalReader) async throws -> Value
    ) async throws -> Value {
        let reader = journalReader
        do {
            let value = try await body(reader)
            await reader.close()
            return value
        } catch {
            await reader.close()
            throw error
        }
    }

    /// The journal, created where it does not exist yet.
    func openJournal() async throws -> SQLiteJournal {
        try await SQLiteJournal(path: journalPath, clock: clock)
    }

    func planner(provider: ProviderName, routes: [TrafficRoute]) throws -> Planner {
        Planner(
            provider: try observer(provider), routers: observers(for: routes), inspector: inspector, clock: clock)
    }

    /// Everything that driving a swap of this plan needs.
    func environment(for plan: Plan, journal: any Workflow.Journal) throws -> EngineEnvironment {
        let redactor = SecretScan.redactor(for: plan.checks)
        let assessor = CheckRunner(
            clock: clock, transport: transport, controller: controller, inspector: inspector, redactor: redactor)
        return EngineEnvironment(
            journal: journal, provider: try provider(plan.provider), routers: routers(for: plan.routes),
            assessor: assessor, inspector: inspector, clock: clock, evidence: evidence,
            holder: try LeaseHolder.current(), redact: { redactor.redact($0) },
            allowsLoopback: isLoopback(plan.provider),
            consistencyWindow: .zero, random: { Double.random(in: 0..<1) })
    }

    private func isLoopback(_ name: ProviderName) -> Bool {
        switch configuration.providers[name] {
        case .local: true
        case nil: false
        }
    }
}
