import Foundation
public import Workflow

/// Runs commands on one instance with the OpenSSH client.
///
/// All commands for a host go through one connection, which the client keeps open for a minute after the last. A
/// command's exit code, output, input and variables are those of `CommandRunner`; a command that a signal ended shows
/// the exit code 128 plus the signal's number. The remote machine needs a POSIX shell and GNU coreutils.
public struct SSHCommandRunner: CommandRunner {
    /// Room on standard error for what the remote shell reports.
    private static let reportBytes = 4096
    /// The longest path of a Unix socket, without its final NUL; see unix(7).
    private static let socketPathBytes = 107
    /// What the client appends to a control path until the socket is bound.
    private static let temporarySuffixBytes = 17
    private static let endingMilliseconds: Int64 = 8_000

    private let host: String
    private let settings: SSHSettings
    private let controlFolder: String

    /// Creates a runner; nothing is connected yet.
    ///
    /// - Parameter controlFolder: where the sockets of shared connections are; made, for this user only, when it is
    ///   missing. With a path longer than 71 bytes each command makes a connection of its own.
    public init(host: String, settings: SSHSettings, controlFolder: String) {
        self.host = host
        self.settings = settings
        self.controlFolder = controlFolder
    }

    /// Runs a command on the host; see `CommandRunner`.
    public func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        if let problem = RemoteCommandLine.problem(with: command) { throw CommandError(.notFound, detail: problem) }
        let report = RemoteReport()
        var request = try request(
            RemoteCommandLine.running(command, marker: report.marker, usesSudo: settings.usesSudo))
        request.input = command.input
        request.timeoutMilliseconds = command.timeout.milliseconds
        request.outputLimitBytes = max(0, command.outputLimitBytes) + Self.reportBytes
        let result: CommandResult
        do throws(CommandError) {
            result = try await request.commandResult { line in
                if !(line.isError && report.takes(line.text)) { onLine(line) }
            }
        } catch {
            if error.code == .cancelled { await endRemote(report.current) }
            // The program that could not be started here is ssh itself.
            throw error.code == .cancelled
                ? CommandError(.cancelled, detail: "\(command.arguments.first ?? "command") was cancelled")
                : CommandError(.unreachable, detail: "the OpenSSH client cannot be run: \(error.detail)")
        }
        if result.termination == .timedOut { await endRemote(report.current) }
        return try judged(result, report: report, command: command)
    }

    /// Closes the shared connection, if there is one.
    public func disconnect() async {
        guard let path = controlPath, var request = try? request("") else { return }
        request.arguments = ["ssh", "-o", "ControlPath=\(Self.configured(path))", "-O", "exit", "--", host]
        request.timeoutMilliseconds = 2_000
        _ = try? await ProcessRunner.run(request)
    }

    /// Tells what became of the command from how the client ended.
    private func judged(
        _ result: CommandResult, report: RemoteReport, command: Command
    ) throws(CommandError) -> CommandResult {
        let state = report.current
        let errors = report.withoutReports(result.errorOutput)
        let program = command.arguments.first ?? ""
        if state.group == nil, result.termination == .timedOut {
            throw CommandError(.unreachable, detail: "\(host): no connection within \(command.timeout.text)")
        }
        switch result.termination {
        case .exited(255) where !state.hasEnded:
            throw CommandError(.unreachable, detail: "\(host): \(SSHFailure.words(for: errors))")
        case .exited where state.isMissing:
            throw CommandError(.notFound, detail: "\(host): no program \(program)")
        case .exited where state.isRefused:
            throw CommandError(.notPermitted, detail: "\(host): \(program) is not executable")
        case .exited(let code) where state.group == nil:
            let said = errors.split(whereSeparator: \.isNewline).last.map(String.init) ?? "exit code \(code)"
            let how = settings.usesSudo ? "by sudo as \(settings.user)" : "as \(settings.user)"
            throw CommandError(.notPermitted, detail: "\(host): commands cannot be run \(how): \(said)")
        case .signalled(let signal):
            throw CommandError(.unreachable, detail: "\(host): signal \(signal) ended the OpenSSH client")
        case .exited, .timedOut: break
        }
        let output = Self.cut(result.output, at: command.outputLimitBytes)
        let errorOutput = Self.cut(errors, at: command.outputLimitBytes)
        return CommandResult(
            termination: result.termination, output: output.text, errorOutput: errorOutput.text,
            isTruncated: result.isTruncated || output.isCut || errorOutput.isCut)
    }

    /// Ends what still runs on the host, as far as it can be reached; not stopped by cancellation.
    private func endRemote(_ state: RemoteReport.State) async {
        guard let group = state.group,
            var request = try? request(RemoteCommandLine.ending(group: group, usesSudo: settings.usesSudo))
        else { return }
        request.timeoutMilliseconds = Self.endingMilliseconds
        let ending = request
        await Task { _ = try? await ProcessRunner.run(ending) }.value
    }

    /// The client's call that has the login shell read `line`.
    private func request(_ line: String) throws(CommandError) -> ProcessRequest {
        let isHost = { (text: String) in
            !text.isEmpty && !text.hasPrefix("-")
                && text.utf8.allSatisfy { $0 > 32 && $0 < 127 && !Array("@/'\"\\$`;&|<>()*?!#~{}".utf8).contains($0) }
        }
        guard isHost(host) else { throw CommandError(.unreachable, detail: "\(host) cannot be the name of a host") }
        if let folder = sharedFolder {
            try? FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        let variables = ControllerCommandRunner.harmlessVariables.union(["SSH_AUTH_SOCK"])
        var environment = ProcessInfo.processInfo.environment.filter { variables.contains($0.key) }
        environment["LC_ALL"] = "C"
        return ProcessRequest(
            arguments: ["ssh"] + options + ["--", host, line], environment: environment, folder: nil)
    }

    private var options: [String] {
        var values = [
            "BatchMode=yes", "StrictHostKeyChecking=yes", "UpdateHostKeys=no", "ConnectTimeout=10",
            "ServerAliveInterval=5", "ServerAliveCountMax=3", "ForwardAgent=no", "ForwardX11=no",
            "ClearAllForwardings=yes", "PermitLocalCommand=no", "RemoteCommand=none", "EscapeChar=none",
            "LogLevel=ERROR",
        ]
        if let file = settings.knownHostsFile {
            values += ["UserKnownHostsFile=\(Self.configured(file))", "GlobalKnownHostsFile=/dev/null"]
        }
        if let file = settings.identityFile {
            values += ["IdentityFile=\(Self.configured(file))", "IdentitiesOnly=yes"]
        }
        if let path = controlPath {
            values += ["ControlMaster=auto", "ControlPath=\(Self.configured(path))", "ControlPersist=60"]
        } else {
            values += ["ControlMaster=no", "ControlPath=none"]
        }
        let jump = settings.jumpHost.map { ["-J", $0] } ?? []
        return ["-T", "-l", settings.user, "-p", "\(settings.port)"] + jump + values.flatMap { ["-o", $0] }
    }

    /// The folder of shared connections; `nil` where its path is too long for a socket.
    private var sharedFolder: String? { controlPath == nil ? nil : controlFolder }

    /// The socket of the shared connection: the same for the same host, user, port and keys.
    private var controlPath: String? {
        let identity = [
            host, settings.user, "\(settings.port)", settings.identityFile ?? "", settings.knownHostsFile ?? "",
            settings.jumpHost ?? "",
        ].joined(separator: "\u{0}")
        // FNV-1a with 64 bits: names need only differ, and the path must be short.
        let hash = identity.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let path = "\(controlFolder)/\(String(hash, radix: 36))"
        return path.utf8.count + Self.temporarySuffixBytes <= Self.socketPathBytes ? path : nil
    }

    /// A path as a value of ssh_config(5): quoted, and without its tokens.
    private static func configured(_ path: String) -> String {
        let plain = path.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
            .replacingOccurrences(of: "%", with: "%%")
        return "\"\(plain)\""
    }

    private static func cut(_ text: String, at limit: Int) -> (text: String, isCut: Bool) {
        guard text.utf8.count > max(0, limit) else { return (text, false) }
        return (String(decoding: text.utf8.prefix(max(0, limit)), as: UTF8.self), true)
    }
}
