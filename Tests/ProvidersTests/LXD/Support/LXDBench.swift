import LXDClient
import TestSupport
import Workflow

@testable import Providers

/// A runner that answers each command by a script and remembers them.
final class AnsweringRunner: CommandRunner {
    let commands = LockedValue<[Command]>([])
    private let answer: @Sendable (Command) -> Result<String, CommandError>

    init(_ answer: @escaping @Sendable (Command) -> Result<String, CommandError>) { self.answer = answer }

    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        commands.withLock { $0.append(command) }
        return CommandResult(termination: .exited(0), output: try answer(command).get(), errorOutput: "")
    }
}

/// A provider over a fake server.
func provider(
    _ fake: FakeLXD, _ settings: LXDProvider.Settings = LXDProvider.Settings(),
    runner: any CommandRunner = ScriptedCommandRunner()
) -> LXDProvider {
    LXDProvider(settings: settings, client: fake, clock: ManualClock()) { _ in runner }
}

/// The launch of a replacement of `web-1`.
func lxdLaunch(
    _ token: String = "t1", _ specification: LaunchSpecification? = nil, patch: PatchPolicy = PatchPolicy(),
    properties: [String: String] = [:], alternatives: [[String: String]] = []
) -> LaunchRequest {
    LaunchRequest(
        token: LaunchToken(token),
        specification: specification
            ?? LaunchSpecification(
                image: ImageID(FakeLXD.image), name: "web-1", tags: ["role": "web"],
                properties: ["type": "container", "architecture": "x86_64", "profiles": "[\"default\"]"]
                    .merging(properties) { $1 },
                alternatives: alternatives, patch: patch),
        ownershipTags: [
            OwnershipTag.swap: "s1", OwnershipTag.token: token, OwnershipTag.role: "replacement",
        ])
}
