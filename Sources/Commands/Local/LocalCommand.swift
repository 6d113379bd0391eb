import ArgumentParser
import Engine
import Journal
import Workflow

struct LocalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "local",
        abstract:
            "Creates and removes instances of the embedded provider, which isolates nothing: to learn, demo and test.",
        subcommands: [LocalLaunchVerb.self, LocalTerminateVerb.self])
}

struct LocalLaunchVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "launch", abstract: "Launches an instance of the embedded provider and waits for its first boot.",
        discussion: "Example: changeover local launch --image demo --name web-1 --tag role=web")
    @OptionGroup var options: GlobalOptions
    @Option(help: "A provider of the configuration (default: its default).") var provider: String?
    @Option(help: "The image.") var image: String
    @Option(help: "The instance's name.") var name: String
    @Option(help: "A tag, as name=value; may be given several times.") var tag: [String] = []
    @Option(help: "A property, as name=value; may be given several times.") var property: [String] = []

    func perform(_ output: Output) async throws -> ExitStatus {
        let workspace = try Workspace.load(options)
        let provider = try workspace.provider(try workspace.providerName(provider.map { ProviderName($0) }))
        let specification = LaunchSpecification(
            image: ImageID(image), name: name, tags: try TagArgument.parse(tag),
            properties: try TagArgument.parse(property), patch: PatchPolicy())
        let token = LaunchToken("local-\(name)-\(workspace.clock.wallTime().milliseconds)")
        let launched = try await provider.launch(
            LaunchRequest(token: token, specification: specification, ownershipTags: [:]))
        while true {
            switch try await provider.firstBoot(of: launched.id) {
            case .finished:
                let instance = try await provider.instance(launched.id) ?? launched
                output.document(instance)
                if output.format == .text { output.line(instance.id.rawValue) }
                return .done
            case .failed(let reason):
                throw CommandFailure(
                    .needsOperator, code: "first-boot",
                    "the first boot of \(launched.id) failed: \(reason); `changeover local terminate \(launched.id)` removes it"
                )
            case .running: try await workspace.clock.sleep(for: .milliseconds(100))
            }
        }
    }
}

struct LocalTerminateVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "terminate", abstract: "Terminates an instance of the embedded provider that belongs to no swap.",
        discussion: "Example: changeover local terminate i-0123456789ab")
    @OptionGroup var options: GlobalOptions
    @Option(help: "A provider of the configuration (default: its default).") var provider: String?
    @Argument(help: "The instance.") var id: String

    func perform(_ output: Output) async throws -> ExitStatus {
        let workspace = try Workspace.load(options)
        let provider = try workspace.provider(try workspace.providerName(provider.map { ProviderName($0) }))
        guard let instance = try await provider.instance(InstanceID(id)) else {
            throw CommandFailure(.refused, code: "instanceNotFound", "there is no instance \(id)")
        }
        let live = try await workspace.journalReader.swaps(liveOnly: true)
        let owner = live.first { $0.summary.original == instance.id || $0.summary.replacement == instance.id }
        if let owner {
            throw CommandFailure(
                .refused, code: "instanceBusy",
                "\(id) belongs to the live swap \(owner.id); end that first: `changeover explain \(owner.id)`")
        }
        try await provider.terminate(instance.id)
        output.line("\(id) is terminated.")
        output.document(instance)
        return .done
    }
}
