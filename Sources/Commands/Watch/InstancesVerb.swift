import ArgumentParser
import Engine
import Patching
import Workflow

struct InstancesVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "instances",
        abstract: "Lists instances: state, age, image, pending updates, reboot needed, last swap.",
        discussion: "Example: changeover instances --select role=web")
    @OptionGroup var options: GlobalOptions
    @Option(help: "A provider of the configuration (default: its default).") var provider: String?
    @Option(help: "Only instances with this tag, as tag=value; may be given several times.") var select: [String] = []
    @Flag(help: "Does not ask the machines themselves what is left to patch.") var quick = false

    /// How many machines are asked at once.
    private static let width = 16

    func perform(_ output: Output) async throws -> ExitStatus {
        let workspace = try Workspace.load(options)
        let name = try workspace.providerName(provider.map { ProviderName($0) })
        let observer = try workspace.observer(name)
        let wanted = try TagArgument.parse(select)
        let now = workspace.clock.wallTime()
        let instances = try await observer.instances().filter { instance in
            wanted.allSatisfy { instance.tags[$0.key] == $0.value }
        }.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
        let documents = await self.documents(of: instances, observer, workspace)
        if output.format == .jsonl { documents.forEach { output.document($0) } } else { output.document(documents) }
        guard output.format == .text else { return .done }
        let rows = documents.map { $0.cells(at: now) }
        if rows.isEmpty {
            output.line("There is no such instance.")
        } else {
            Table.lines(
                header: ["instance", "name", "state", "age", "image", "address", "updates", "reboot", "last swap"],
                rows: rows
            ).forEach { output.line($0) }
        }
        return .done
    }
}

extension InstancesVerb {
    private func documents(
        of instances: [Instance], _ observer: any InstanceObserver, _ workspace: Workspace
    ) async -> [InstanceDocument] {
        var documents = instances.map(InstanceDocument.init)
        guard !quick else { return documents }
        await withTaskGroup(of: (Int, PatchStatus?).self) { group in
            var asked = 0
            func note(_ answer: (Int, PatchStatus?)) {
                documents[answer.0].pendingUpdates = answer.1?.pending.count
                documents[answer.0].rebootRequired = answer.1?.rebootRequired
            }
            for (index, instance) in instances.enumerated() where instance.state == .running {
                if asked >= Self.width, let answer = await group.next() { note(answer) }
                asked += 1
                group.addTask {
                    let runner = observer.commandRunner(for: instance)
                    let status = try? await workspace.inspector.patchStatus(
                        via: runner, policy: PatchPolicy(), timeout: .seconds(60))
                    return (index, status)
                }
            }
            for await answer in group { note(answer) }
        }
        return documents
    }
}

/// An instance as scripts read it.
struct InstanceDocument: Codable {
    var instance: Instance
    var pendingUpdates: Int?
    var rebootRequired: Bool?
    var swap: String?

    init(_ instance: Instance) {
        self.instance = instance
        swap = instance.tags[OwnershipTag.swap] ?? instance.tags[OwnershipTag.lastSwap]
    }

    func cells(at now: WallTime) -> [String] {
        [
            instance.id.rawValue, instance.name, instance.state.rawValue,
            instance.launchedAt.map { Self.age(now.since($0)) } ?? "?", instance.image.rawValue,
            instance.address ?? "–", pendingUpdates.map(String.init) ?? "?",
            rebootRequired.map { $0 ? "needed" : "no" } ?? "?", swap ?? "–",
        ]
    }

    private static func age(_ span: Span) -> String {
        let minutes = span.milliseconds / 60_000
        if minutes < 120 { return "\(minutes)m" }
        return minutes < 2880 ? "\(minutes / 60)h" : "\(minutes / 1440)d"
    }
}

/// Tags on the command line.
enum TagArgument {
    static func parse(_ texts: [String]) throws -> [String: String] {
        var tags: [String: String] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw CommandFailure(.usage, code: "usage", "\"\(text)\" is no tag: write name=value")
            }
            tags[String(parts[0])] = String(parts[1])
        }
        return tags
    }
}
