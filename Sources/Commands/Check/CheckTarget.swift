import ArgumentParser
import HealthChecks
import Workflow

/// What checks are run against, as an operator names it.
struct CheckTargetOptions: ParsableArguments {
    @Option(help: "What to check: a numeric address, or an instance's id or name.")
    var target: String
    @Option(help: "The provider that knows the instance (default: the configuration's).")
    var provider: String?
    @Option(help: "An instance, by id or name, or an address that `compare` checks compare the target with.")
    var original: String?
    @Option(help: "Which checks take part: verify, bake, baseline or rollback.", transform: Self.phase)
    var phase: CheckPhase = .verify
    @Flag(help: "Measures each check once, without grace, counters or waiting.")
    var once = false
    @Flag(help: "Lets checks of a loopback address through, which would reach this machine.")
    var allowLoopback = false

    private static func phase(_ text: String) throws -> CheckPhase {
        guard let phase = CheckPhase(rawValue: text) else {
            let words = CheckPhase.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\"\(text)\" is no phase; the phases are \(words)")
        }
        return phase
    }
}

/// A target that was found.
struct CheckTarget: Sendable {
    let name: String
    let request: AssessmentRequest
    let runner: CheckRunner
}

extension CheckTargetOptions {
    /// Finds the target; a numeric address needs no provider and no configuration.
    func find(_ documents: [CheckDocument], _ options: GlobalOptions) async throws -> CheckTarget {
        if once, original == nil { try refuseComparisons(documents) }
        let workspace = try workspace(options)
        let found = try await instance(target, workspace)
        var compared: Instance?
        if let original { compared = try await instance(original, workspace).instance }
        let request = AssessmentRequest(
            documents: documents, phase: phase, mode: once ? .once : .untilVerdict, instance: found.instance,
            original: compared, runner: found.runner, allowsLoopback: allowLoopback || found.isLocal)
        let runner = CheckRunner(
            clock: workspace.clock, transport: workspace.transport, controller: workspace.controller,
            inspector: workspace.inspector, redactor: SecretScan.redactor(for: documents))
        return CheckTarget(name: target, request: request, runner: runner)
    }

    /// Measured once, a comparison without an original does not count, as at the end of a swap; here it would be forgotten.
    private func refuseComparisons(_ documents: [CheckDocument]) throws {
        for document in documents {
            let checks = try CheckFiles.summaries(document)
            guard let check = checks.first(where: { $0.kind == "compare" && $0.phases.contains(phase) }) else {
                continue
            }
            throw ValidationError("\(check.id) compares with an original: name it with --original")
        }
    }

    private struct Found {
        var instance: Instance
        var runner: any CommandRunner
        var isLocal: Bool
    }

    private var isAddress: Bool { NumericAddress.isOne(target) }

    private func workspace(_ options: GlobalOptions) throws -> Workspace {
        let needsProvider = !isAddress || original.map { !NumericAddress.isOne($0) } ?? false
        return needsProvider || provider != nil ? try Workspace.load(options) : try Workspace.empty()
    }

    private func instance(_ name: String, _ workspace: Workspace) async throws -> Found {
        if NumericAddress.isOne(name) {
            let instance = Instance(
                id: InstanceID(name), name: name, state: .running, image: ImageID("unknown"), address: name)
            return Found(instance: instance, runner: AddressRunner(), isLocal: false)
        }
        let provider = try workspace.providerName(self.provider.map { ProviderName($0) })
        do {
            let observer = try workspace.observer(provider)
            let all = try await observer.instances().filter { $0.state != .terminated }
            let matches = all.filter { $0.id.rawValue == name || $0.name == name }
            guard let instance = matches.first, matches.count == 1 else {
                let problem = matches.isEmpty ? "no instance" : "\(matches.count) instances"
                throw CommandFailure(
                    .usage, code: "unknown-instance",
                    "the provider \(provider) has \(problem) with the id or name \"\(name)\"; "
                        + "`changeover instances` lists them")
            }
            return Found(
                instance: instance, runner: observer.commandRunner(for: instance),
                isLocal: workspace.isLoopback(provider))
        } catch let error as ProviderError {
            // Exit code 3 of the plugin convention: our side failed.
            throw CommandFailure(.needsOperator, code: error.code.rawValue, error.description)
        }
    }
}

/// An address alone gives no way to run commands there.
private struct AddressRunner: CommandRunner {
    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        throw CommandError(
            .unreachable, detail: "an address alone gives no way to run commands; name the instance by its id")
    }
}
