import Glibc
import Workflow

/// One command on its way: connects, runs it, and tells what became of it.
struct SSHAttempt: Sendable {
    /// Room on each output stream for what the remote shell reports, and for what startup files print before it.
    private static let reportBytes = 64 * 1024
    private static let checkMilliseconds: Int64 = 2_000
    private static let endingMilliseconds: Int64 = 8_000

    let command: Command
    let call: SSHClientCall
    let connections: SSHConnections
    let deadline: SSHDeadline

    private var host: String { call.host }
    private var settings: SSHSettings { call.settings }
    private var program: String { command.arguments.first ?? "command" }

    /// Opens the shared connection unless it is open; one attempt at a time, whose failure all share that wait for it.
    func connect(_ connection: SSHConnections.Connection, socket: String) async throws(CommandError) {
        if try await isOpen(socket) { return }
        let began = SSHDeadline.now()
        do throws(SSHSlots.Refusal) { try await connection.gate.enter(within: deadline.left) } catch {
            throw refused(error, "no connection to \(host)")
        }
        defer { connection.gate.leave() }
        if try await isOpen(socket) { return }
        if let last = connection.failure.withLock({ $0 }), last.at > began { throw last.error }
        do throws(CommandError) { try await open(socket) } catch {
            if error.code == .unreachable, deadline.left > 0 {
                connection.failure.withLock { $0 = (error, SSHDeadline.now()) }
            }
            throw error
        }
    }

    /// Runs the command over the shared connection, or over one of its own.
    func run(
        socket: String?, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        let report = RemoteReport()
        let line = RemoteCommandLine.running(command, marker: report.marker, usesSudo: settings.usesSudo)
        let way = try SSHWay(call, connections)
        defer { way.end() }
        var request = SSHConnections.request(
            call.running(line, sharing: socket.map { .through($0) } ?? .none, proxy: way.proxyCommand))
        request.input = command.input
        request.timeoutMilliseconds = deadline.left
        request.outputLimitBytes = max(0, command.outputLimitBytes) + Self.reportBytes
        let result: CommandResult
        do throws(CommandError) {
            result = try await request.commandResult { line in
                if let own = report.own(line.text, isError: line.isError) {
                    onLine(CommandLineOutput(isError: line.isError, text: own))
                }
            }
        } catch {
            if error.code == .cancelled { await endRemote(report.current, socket: socket) }
            throw clientError(error)
        }
        if result.termination == .timedOut { await endRemote(report.current, socket: socket) }
        if !report.current.isConnected { throw await unconnected(result, way: way, socket: socket) }
        return try judged(result, report: report)
    }

    /// The error of a command that did not get its turn.
    func refused(_ refusal: SSHSlots.Refusal, _ what: String) -> CommandError {
        switch refusal {
        case .late: CommandError(.unreachable, detail: "\(host): \(what) within \(command.timeout.text)")
        case .cancelled: CommandError(.cancelled, detail: "\(program) was cancelled")
        }
    }

    // MARK: The connection

    /// Whether a connection is open behind a socket, as the process that holds it says.
    private func isOpen(_ socket: String) async throws(CommandError) -> Bool {
        guard access(socket, F_OK) == 0 else { return false }
        var request = SSHConnections.request(call.telling("check", socket: socket))
        request.timeoutMilliseconds = min(Self.checkMilliseconds, deadline.left)
        do throws(CommandError) {
            return try await request.commandResult { _ in }.exitCode == 0
        } catch {
            throw clientError(error)
        }
    }

    private func open(_ socket: String) async throws(CommandError) {
        let way = try SSHWay(call, connections)
        defer { way.end() }
        // Under a name of its own first, so that the one that others use always leads to a process that listens, and a
        // dead one is replaced.
        let draft = "\(socket).\(String(UInt16.random(in: 1...UInt16.max), radix: 16))"
        var request = SSHConnections.request(call.opening(draft, proxy: way.proxyCommand))
        request.timeoutMilliseconds = deadline.left
        let result: CommandResult
        do throws(CommandError) { result = try await request.commandResult { _ in } } catch { throw clientError(error) }
        switch result.termination {
        case .exited(0): break
        case .timedOut:
            throw CommandError(.unreachable, detail: "\(host): no connection within \(command.timeout.text)")
        case .exited: throw CommandError(.unreachable, detail: way.words(for: result.errorOutput))
        case .signalled(let signal):
            throw CommandError(.unreachable, detail: "\(host): signal \(signal) ended the OpenSSH client")
        }
        guard rename(draft, socket) == 0 else {
            throw CommandError(
                .unreachable, detail: "\(SystemFailure(doing: "share the connection to \(host) as \(socket)"))")
        }
        // Unlike `exit`, `stop` lets the commands of others end first.
        connections.note(socket, ending: call.telling("stop", socket: socket))
    }

    /// The program that could not be started here is `ssh` itself.
    private func clientError(_ error: CommandError) -> CommandError {
        error.code == .cancelled
            ? CommandError(.cancelled, detail: "\(program) was cancelled")
            : CommandError(
                .unreachable,
                detail: "the OpenSSH client cannot be run (apt-get install openssh-client): \(error.detail)")
    }

    /// Ends what still runs on the host, as far as it can be reached; not stopped by cancellation.
    private func endRemote(_ state: RemoteReport.State, socket: String?) async {
        guard let group = state.group, let way = try? SSHWay(call, connections) else { return }
        let line = RemoteCommandLine.ending(group: group, usesSudo: settings.usesSudo)
        var request = SSHConnections.request(
            call.running(line, sharing: socket.map { .through($0) } ?? .none, proxy: way.proxyCommand))
        request.timeoutMilliseconds = Self.endingMilliseconds
        let ending = request
        await Task { _ = try? await ProcessRunner.run(ending) }.value
        way.end()
    }

    // MARK: What became of it

    /// Why the login shell passed no command on.
    private func unconnected(_ result: CommandResult, way: SSHWay, socket: String?) async -> CommandError {
        let user = settings.user
        switch result.termination {
        case .timedOut:
            guard let socket, (try? await isOpenLate(socket)) == true else {
                return CommandError(.unreachable, detail: "\(host): no connection within \(command.timeout.text)")
            }
            return CommandError(
                .unreachable,
                detail:
                    "\(host): \(user) is logged in, but the login shell began nothing within \(command.timeout.text); "
                    + "a startup file of the shell, such as ~/.profile or ~/.bashrc, may wait for something. "
                    + "\(program) was not run and will not be")
        case .exited(255): return CommandError(.unreachable, detail: way.words(for: result.errorOutput))
        case .exited(let code):
            let said = Self.last(result.errorOutput) ?? Self.last(result.output)
            return CommandError(
                .notPermitted,
                detail:
                    "\(host): the login shell of \(user) runs no commands: \(said.map { "\($0), " } ?? "")exit code "
                    + "\(code); it must be a POSIX shell (usermod --shell /bin/sh \(user)), and no `command=` in "
                    + "authorized_keys or ForceCommand of the server may stand before it")
        case .signalled(let signal):
            return CommandError(.unreachable, detail: "\(host): signal \(signal) ended the OpenSSH client")
        }
    }

    /// As `isOpen`, when no time is left.
    private func isOpenLate(_ socket: String) async throws(ProcessError) -> Bool {
        var request = SSHConnections.request(call.telling("check", socket: socket))
        request.timeoutMilliseconds = Self.checkMilliseconds
        return try await ProcessRunner.run(request).end == .exited(0)
    }

    /// Tells what became of a command that the login shell passed on.
    private func judged(_ result: CommandResult, report: RemoteReport) throws(CommandError) -> CommandResult {
        let errors = report.errorOutput(of: result.errorOutput)
        let state = report.current
        if state.group == nil { throw unbegun(result, state, errors: errors) }
        switch result.termination {
        case .exited(255) where !state.hasEnded:
            let said = Self.last(errors).map { " (\($0))" } ?? ""
            throw CommandError(
                .unreachable,
                detail:
                    "\(host): the connection broke while \(program) ran\(said); what became of it is not known, and it "
                    + "ends there after \(command.timeout.text) at the latest")
        case .exited where state.isMissing: throw CommandError(.notFound, detail: "\(host): no program \(program)")
        case .exited where state.isRefused:
            throw CommandError(.notPermitted, detail: "\(host): \(program) is not executable")
        case .signalled(let signal):
            throw CommandError(.unreachable, detail: "\(host): signal \(signal) ended the OpenSSH client")
        case .exited, .timedOut: break
        }
        let output = Self.cut(report.output(of: result.output), at: command.outputLimitBytes)
        let errorOutput = Self.cut(errors, at: command.outputLimitBytes)
        return CommandResult(
            termination: result.termination, output: output.text, errorOutput: errorOutput.text,
            isTruncated: result.isTruncated || output.isCut || errorOutput.isCut)
    }

    /// Why a command that the login shell passed on never began.
    private func unbegun(_ result: CommandResult, _ state: RemoteReport.State, errors: String) -> CommandError {
        let user = settings.user
        let said = Self.last(errors)
        switch result.termination {
        case _ where state.isIncomplete:
            return CommandError(
                .notFound, detail: "\(host): there is no program timeout; install GNU coreutils there")
        case _ where state.isSudoless:
            return CommandError(
                .notFound,
                detail: "\(host): there is no sudo; install it there, or log in as root and set `sudo: false`")
        case .timedOut:
            return CommandError(
                .unreachable,
                detail: "\(host): \(settings.usesSudo ? "sudo" : "the shell") began nothing within "
                    + "\(command.timeout.text); \(program) was not run and will not be")
        case .signalled(let signal):
            return CommandError(.unreachable, detail: "\(host): signal \(signal) ended the OpenSSH client")
        case .exited(255):
            return CommandError(
                .unreachable,
                detail: "\(host): the connection broke before \(program) began\(said.map { " (\($0))" } ?? "")")
        case .exited(let code) where settings.usesSudo:
            // To one who may not use it, `sudo -n` says that it needs a password, too.
            return CommandError(
                .notPermitted,
                detail: "\(host): sudo does not run commands for \(user) without a password: "
                    + "\(said ?? "exit code \(code)"). Allow it there by `visudo -f /etc/sudoers.d/changeover`: "
                    + "\(user) ALL=(ALL) NOPASSWD: ALL; or log in as root and set `sudo: false`")
        case .exited(let code):
            return CommandError(
                .notPermitted,
                detail: "\(host): commands cannot be run as \(user): \(said ?? "exit code \(code)")")
        }
    }

    /// The last line that says something.
    private static func last(_ text: String) -> String? {
        text.unicodeScalars.split { $0 == "\n" || $0 == "\r" }.map(String.init)
            .last { !$0.allSatisfy(\.isWhitespace) && !$0.contains("changeover-") }.map { String($0.prefix(300)) }
    }

    private static func cut(_ text: String, at limit: Int) -> (text: String, isCut: Bool) {
        guard text.utf8.count > max(0, limit) else { return (text, false) }
        return (String(decoding: text.utf8.prefix(max(0, limit)), as: UTF8.self), true)
    }
}
