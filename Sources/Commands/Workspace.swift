import AWSClient
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
    let updater = SystemMachineUpdater()
    let transport: CurlTransport
    let tally: RequestTally
    private let accounts: AWSAccounts
    private let servers: LXDServers
    /// Whether providers are asked, by dry runs, what a launch would be refused for; a launch itself asks as well.
    private let asksPermissions: Bool

    private init(_ configuration: ConfigurationFile, folder: URL, asksPermissions: Bool) throws {
        self.configuration = configuration
        self.folder = folder
        self.asksPermissions = asksPermissions
        transport = try CurlTransport()
        let store = Self.absolute(configuration.storeFolder, from: folder)
        tally = RequestTally(
            evidence: EvidenceStore(root: URL(fileURLWithPath: store).appendingPathComponent("evidence")))
        let connections = OpenConnections.make(store: URL(fileURLWithPath: store, isDirectory: true))
        accounts = AWSAccounts(transport: transport, clock: clock, tally: tally, connections: connections)
        servers = LXDServers(transport: transport, clock: clock, tally: tally, connections: connections)
    }

    /// Reads the configuration; throws `DocumentErrors` or a failure that says where it was looked for.
    static func load(_ options: GlobalOptions, asksPermissions: Bool = false) throws -> Workspace {
        guard let path = try locate(options.config) else {
            let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)
            return try Workspace(.environment, folder: here, asksPermissions: asksPermissions)
        }
        let configuration = try ConfigurationFile.decode(
            try FileReader.bytes(of: path, what: "the configuration"), path: path)
        let folder = URL(fileURLWithPath: path).standardizedFileURL.deletingLastPathComponent()
        return try Workspace(configuration, folder: folder, asksPermissions: asksPermissions)
    }

    /// A workspace without any configuration, for what needs no provider.
    static func empty() throws -> Workspace {
        let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)
        return try Workspace(.environment, folder: here, asksPermissions: false)
    }

    /// Where the configuration is; `nil` when there is none and the environment says enough for the provider `ec2`.
    private static func locate(_ given: String?) throws -> String? {
        if let given { return given }
        let environment = ProcessInfo.processInfo.environment
        let home = environment["XDG_CONFIG_HOME"] ?? (environment["HOME"].map { $0 + "/.config" } ?? "")
        let places = ["changeover.yaml", "\(home)/changeover/changeover.yaml"]
        if let found = places.first(where: FileManager.default.fileExists(atPath:)) { return found }
        if environment.keys.contains(where: { $0.hasPrefix("AWS_") }) { return nil }
        throw CommandFailure(
            .usage, code: "no-configuration",
            "there is no configuration: looked for \(places.joined(separator: " and ")); "
                + "`changeover init` writes one, `--config FILE` names one; none is needed for EC2 alone, where the "
                + "environment's AWS_ variables say which account")
    }

    /// A path of the configuration or a playbook, made absolute from the configuration's folder.
    func absolute(_ path: String) -> String { Self.absolute(path, from: folder) }

    private static func absolute(_ path: String, from folder: URL) -> String {
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
        case .ec2(let configuration): return account(name, configuration).provider
        case .lxd(let configuration): return server(name, configuration).provider
        case nil:
            throw CommandFailure(.usage, code: "unknown-provider", "there is no provider \(name)")
        }
    }

    /// A provider that cannot mutate, by type.
    func observer(_ name: ProviderName) throws -> any InstanceObserver { try provider(name) }

    private func account(_ name: ProviderName, _ configuration: EC2Configuration) -> AWSAccounts.Account {
        accounts.account(name, configuration, asksPermissions: asksPermissions, absolute: absolute)
    }

    private func server(_ name: ProviderName, _ configuration: LXDConfiguration) -> LXDServers.Server {
        servers.server(name, configuration, absolute: absolute)
    }

    private func routerFactory(for name: ProviderName) -> TrafficRouterFactory {
        var aws: AWSTraffic?
        var lxd: LXDTraffic?
        switch configuration.providers[name] {
        case .ec2(let configuration): aws = account(name, configuration).traffic
        case .lxd(let configuration): lxd = server(name, configuration).traffic
        case .local, nil: break
        }
        return TrafficRouterFactory(transport: transport, runner: controller, aws: aws, lxd: lxd)
    }

    /// The routers of a playbook; those of AWS and of LXD belong to the provider's account or server.
    func routers(for routes: [TrafficRoute], provider: ProviderName) throws -> [RouterName: any TrafficRouter] {
        let factory = routerFactory(for: provider)
        return Dictionary(try routes.map { ($0.name, try factory.router(for: $0)) }) { first, _ in first }
    }

    /// The routers of a playbook as observers, which cannot change anything.
    func observers(for routes: [TrafficRoute], provider: ProviderName) throws -> [RouterName: any TrafficObserver] {
        let factory = routerFactory(for: provider)
        return Dictionary(try routes.map { ($0.name, try factory.observer(for: $0)) }) { first, _ in first }
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
        let adapter = try self.provider(provider)
        return Planner(
            provider: adapter, routers: try observers(for: routes, provider: provider), inspector: inspector,
            snapshots: adapter.snapshots, updater: updater(of: provider), clock: clock)
    }

    /// What updates a provider's instances in place; `nil` where nothing can be run on them.
    func updater(of name: ProviderName) -> (any MachineUpdater)? { runsCommands(on: name) ? updater : nil }

    /// Whether commands can be run on a provider's instances.
    func runsCommands(on name: ProviderName) -> Bool {
        if case .ec2(let configuration) = configuration.providers[name] { return configuration.commands != .none }
        return true
    }

    /// Everything that driving a swap of this plan needs.
    func environment(for plan: Plan, journal: any Workflow.Journal) throws -> EngineEnvironment {
        let redactor = SecretScan.redactor(for: plan.checks)
        let assessor = CheckRunner(
            clock: clock, transport: transport, controller: controller, inspector: inspector, redactor: redactor)
        return EngineEnvironment(
            journal: journal, provider: try provider(plan.provider),
            routers: try routers(for: plan.routes, provider: plan.provider),
            assessor: assessor, inspector: inspector, updater: updater(of: plan.provider), clock: clock,
            evidence: evidence,
            holder: try LeaseHolder.current(), redact: { redactor.redact($0) },
            allowsLoopback: isLoopback(plan.provider),
            consistencyWindow: consistencyWindow(of: plan.provider), random: { Double.random(in: 0..<1) },
            restartWindow: restartWindow(of: plan.provider), longestPause: longestPause(of: plan.provider))
    }

    private func consistencyWindow(of name: ProviderName) -> Span {
        switch configuration.providers[name] {
        case .ec2(let configuration): configuration.consistencyWindow
        case .local, .lxd, nil: .zero
        }
    }

    /// LXD shows a container that reboots as stopped for a moment.
    private func restartWindow(of name: ProviderName) -> Span {
        switch configuration.providers[name] {
        case .lxd: .seconds(20)
        case .local, .ec2, nil: .zero
        }
    }

    /// A server of one's own may be asked often; a socket more often than a network.
    private func longestPause(of name: ProviderName) -> Span {
        switch configuration.providers[name] {
        case .lxd(let configuration):
            switch configuration.endpoint {
            case .socket: .milliseconds(100)
            case .remote: .milliseconds(300)
            }
        case .local, .ec2, nil: .seconds(1)
        }
    }

    /// Whether a provider's instances live on this machine: then its services do, too.
    func isLoopback(_ name: ProviderName) -> Bool {
        switch configuration.providers[name] {
        case .local: return true
        case .lxd: return false
        case .ec2(let configuration):
            let endpoint = (try? account(name, configuration).client.endpoint(of: .ec2)).flatMap(URL.init(string:))
            return ["127.0.0.1", "localhost", "::1"].contains(endpoint?.host ?? "")
        case nil: return false
        }
    }
}
