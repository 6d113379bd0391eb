import Workflow

/// Runs commands on one instance of the local provider: in its dpkg root, with the environment of its service.
///
/// apt and dpkg work on the instance's packages there; programs are looked for in the root first, then on this
/// machine. On an instance that does not run, as on a machine that is switched off, commands cannot be run.
struct LocalCommandRunner: CommandRunner {
    let provider: LocalProvider
    let instance: InstanceID

    /// Runs a command on the instance; see `CommandRunner`.
    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        let request = try await request(for: command)
        return try await request.commandResult(onLine: onLine)
    }

    private func request(for command: Command) async throws(CommandError) -> ProcessRequest {
        do {
            return try await provider.perform("run a command on \(instance)") { () throws(LocalProblem) in
                let record = try provider.existingRecord(instance)
                guard provider.supervisor(of: record).isAlive else {
                    throw LocalProblem(.invalidState, "the instance is \(provider.state(of: record).rawValue)")
                }
                let folder = provider.layout.folder(of: record.id)
                let environment = try LocalSupervisor.environment(of: record, in: folder)
                return ProcessRequest(command, environment: environment, folder: folder.root)
            }
        } catch {
            throw CommandError(error.code == .cancelled ? .cancelled : .unreachable, detail: error.description)
        }
    }
}
