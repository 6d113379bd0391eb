import ArgumentParser
import Foundation

/// The program: parses its arguments, runs the verb and maps every failure to an exit code.
public enum ChangeoverCommand {
    /// Runs the program with the process's arguments and exits with the verb's code.
    public static func run() async -> Never {
        // Writing to a closed pipe is an error to handle, not a reason to die in the middle of a swap.
        signal(SIGPIPE, SIG_IGN)
        do {
            let command = try await RootCommand.asyncParseAsRoot()
            if let verb = command as? any Verb { await finish(verb) }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                var command = command
                try command.run()
            }
            exit(ExitStatus.done.rawValue)
        } catch {
            RootCommand.exit(withError: error)
        }
    }

    private static func finish(_ verb: any Verb) async -> Never {
        let output = Output(verb.options.output)
        do {
            let status = try await verb.perform(output)
            await OpenConnections.close()
            exit(status.rawValue)
        } catch {
            await OpenConnections.close()
            let failure = CommandFailure(error)
            if failure.message.isEmpty == false { output.message("changeover: \(failure.message)") }
            output.document(FailureDocument(error: .init(code: failure.code, message: failure.message)))
            exit(failure.status.rawValue)
        }
    }
}

/// One verb of the command line.
protocol Verb: AsyncParsableCommand {
    var options: GlobalOptions { get }

    /// Does the verb's work and says with which code to exit.
    func perform(_ output: Output) async throws -> ExitStatus
}

/// How a failure reads as JSON.
struct FailureDocument: Codable {
    struct Failure: Codable {
        var code: String
        var message: String
    }
    var error: Failure
}

/// The root of the verbs.
struct RootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "changeover",
        abstract:
            "Replaces instances blue-green: boots a patched replacement, proves it healthy, moves the service over.",
        discussion: """
            Exit codes: 0 done; 1 unexpected error; 2 rolled back, the service is on the original; 3 needs an operator; \
            4 refused before anything changed; 5 cancelled or paused before the end; 64 wrong usage or invalid file.
            """,
        version: "changeover 0.1.0",
        subcommands: [
            InitVerb.self, DoctorVerb.self, InstancesVerb.self, PlanVerb.self, SwapVerb.self, UpdateVerb.self,
            ListVerb.self, StatusVerb.self, WatchVerb.self, LogsVerb.self, ExplainVerb.self, DiffVerb.self,
            ApproveVerb.self,
            PromoteVerb.self, RollbackVerb.self, PauseVerb.self, ResumeVerb.self, CancelVerb.self, UndoVerb.self,
            RetireVerb.self, EvidenceVerb.self, OrphansCommand.self, CheckCommand.self, PlaybookCommand.self,
            RehearseVerb.self, LocalCommand.self,
        ])
}
