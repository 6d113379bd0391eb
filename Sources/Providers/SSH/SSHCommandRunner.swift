import Foundation
import Glibc
import Workflow

/// Runs commands on one instance with the OpenSSH client.
///
/// All commands for an instance go through one connection. A command's exit code, output, input and variables are those of
/// `CommandRunner`; a command that a signal ended shows the exit code 128 plus the signal's number. The remote machine
/// needs a POSIX shell and GNU coreutils.
struct SSHCommandRunner: CommandRunner {
    let host: String
    let instance: InstanceID
    let provider: ProviderName
    let settings: SSHSettings
    let connections: SSHConnections
    let console: SSHConsole

    /// Runs a command on the host; see `CommandRunner`.
    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        if let problem = RemoteCommandLine.problem(with: command) { throw CommandError(.notFound, detail: problem) }
        guard SSHClientCall.isHost(host) else {
            throw CommandError(.unreachable, detail: "\(host) cannot be the name of a host")
        }
        let deadline = SSHDeadline(milliseconds: command.timeout.milliseconds)
        let trust = SSHTrust(runner: self)
        let call = SSHClientCall(host: host, settings: settings, identity: try await trust.identity(deadline))
        let attempt = SSHAttempt(command: command, call: call, connections: connections, deadline: deadline)
        let name = call.connectionName(instance: "\(provider.rawValue)/\(instance.rawValue)")
        let connection = connections.connection(name)
        do throws(SSHSlots.Refusal) { try await connection.slots.enter(within: deadline.left) } catch {
            throw attempt.refused(error, "waited for other commands on \(host)")
        }
        defer { connection.slots.leave() }
        let socket = connections.socket(name)
        if let socket { try await attempt.connect(connection, socket: socket) }
        return try await attempt.run(socket: socket, onLine: onLine)
    }
}

/// When a command's time is over, on this machine's monotonic clock.
struct SSHDeadline: Sendable {
    private let end: Int64

    init(milliseconds: Int64) { end = Self.now() + max(0, milliseconds) }

    /// How many milliseconds are left; zero when it has passed.
    var left: Int64 { max(0, end - Self.now()) }

    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
