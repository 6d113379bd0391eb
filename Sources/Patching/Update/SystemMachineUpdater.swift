public import Workflow

/// Updates a machine by its own package manager, apt or dnf, and Rubygems.
///
/// The update is a script that the machine runs by itself, as a unit of systemd where that runs the machine, else as a
/// session of its own. Its record is the folder `/var/lib/changeover/updates/TOKEN`.
public struct SystemMachineUpdater: MachineUpdater {
    /// A record names every package of a distribution twice, and what is left to update.
    private static let recordLimitBytes = 16 << 20
    /// How many looks one call makes at an update that has ended, to bring the rest of its output.
    private static let looksAtMost = 32

    private let timeout: Span

    /// Creates an updater; `timeout` bounds each single look, not the update.
    public init(timeout: Span = .seconds(60)) {
        self.timeout = timeout
    }

    /// Names what would keep an update from working now; see `MachineUpdater`.
    public func findings(
        for policy: PatchPolicy, via runner: any CommandRunner
    ) async throws(UpdateError) -> [PreflightFinding] {
        let output = try await run(
            UpdateScript.findings, [policy.gems ? "yes" : "no"], for: "look at what may be in the update's way",
            via: runner)
        return UpdateFindings(sections: ScriptSections(output: output), policy: policy).all
    }

    /// Begins an update, or goes on with it; see `MachineUpdater`.
    public func begin(_ request: UpdateRequest, via runner: any CommandRunner) async throws(UpdateError) {
        let token = try Self.checked(request.token)
        let seconds = max(1, (request.timeout.milliseconds + 999) / 1000)
        let policy = request.policy
        let arguments = [token, policy.scope.rawValue, policy.gems ? "yes" : "no", "\(seconds)"]
        _ = try await run(
            UpdateScript.begin, arguments + [UpdateWorkerScript.text], for: "begin the update \(token)", via: runner)
    }

    /// Reads how an update stands and what it printed; see `MachineUpdater`.
    ///
    /// One look brings 256 KiB at most. Of an update that has ended all of the output is brought.
    public func progress(
        of token: UpdateToken, after offset: Int, via runner: any CommandRunner
    ) async throws(UpdateError) -> UpdateProgress {
        let token = try Self.checked(token)
        var look = try await self.look(token, after: offset, via: runner)
        var lines = look.lines
        for _ in 1..<Self.looksAtMost where look.status == .ended && look.offset < look.size {
            look = try await self.look(token, after: look.offset, via: runner)
            lines += look.lines
        }
        let status: UpdateProgress.Status
        switch look.status {
        case .absent: status = .absent
        case .running: status = .running
        case .interrupted: status = .interrupted
        case .ended:
            let doing = "read the record of the update \(token)"
            let record = try await run(UpdateScript.result, [token], for: doing, via: runner)
            status = .ended(try UpdateResultReader(sections: ScriptSections(output: record)).result())
        }
        return UpdateProgress(status: status, lines: lines, offset: look.offset)
    }

    /// Reads the id of the machine's present boot; see `MachineUpdater`.
    public func bootID(via runner: any CommandRunner) async throws(UpdateError) -> String? {
        let output = try await run(UpdateScript.bootID, [], for: "read the id of its boot", via: runner)
        return output.split(separator: "\n").first.map(String.init)
    }

    private func look(
        _ token: String, after offset: Int, via runner: any CommandRunner
    ) async throws(UpdateError) -> UpdateLook {
        let output = try await run(
            UpdateScript.progress, [token, "\(max(0, offset))", "\(UpdateScript.lookBytes)"],
            for: "look how the update \(token) stands", via: runner)
        guard let look = UpdateLook(output: output) else {
            throw UpdateError(
                .malformedAnswer, detail: "the machine's answer about the update \(token) is not understood")
        }
        return look
    }

    /// The token's text, which becomes the name of a folder and of a unit on the machine.
    private static func checked(_ token: UpdateToken) throws(UpdateError) -> String {
        let isAllowed = { (byte: UInt8) in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
        }
        let bytes = token.rawValue.utf8
        guard (1...64).contains(bytes.count), bytes.allSatisfy(isAllowed) else {
            throw UpdateError(.commandFailed, detail: "an update's token is 1 to 64 of a-z, 0-9 and -")
        }
        return token.rawValue
    }

    private func run(
        _ script: String, _ arguments: [String], for doing: String, via runner: any CommandRunner
    ) async throws(UpdateError) -> String {
        let command = Command(
            ["sh", "-c", script, "changeover-update"] + arguments, timeout: timeout,
            outputLimitBytes: Self.recordLimitBytes)
        let result: CommandResult
        do throws(CommandError) {
            result = try await runner.run(command)
        } catch {
            throw UpdateError(error, doing: doing)
        }
        guard result.exitCode == 0 else { throw UpdateError(result, doing: doing, within: timeout) }
        guard !result.isTruncated else {
            throw UpdateError(.malformedAnswer, detail: "the machine said more than 16 MiB when asked to \(doing)")
        }
        return result.output
    }
}

extension UpdateError {
    /// What a command that could not be run means for an update.
    fileprivate init(_ error: CommandError, doing: String) {
        let code: Code
        switch error.code {
        case .unreachable: code = .unreachable
        case .notFound: code = .unsupportedSystem
        case .notPermitted: code = .notPermitted
        case .cancelled: code = .cancelled
        }
        self.init(code, detail: "cannot \(doing): \(URLSecrets.redacted(error.detail))")
    }

    /// What the end of one of our scripts means for an update.
    fileprivate init(_ result: CommandResult, doing: String, within timeout: Span) {
        let said = URLSecrets.redacted(String(result.errorOutput.suffix(400)))
            .split(whereSeparator: \.isNewline).joined(separator: "; ")
        switch result.termination {
        case .exited(ScriptSections.unsupportedExitCode):
            self.init(.unsupportedSystem, detail: "cannot \(doing): \(said)")
        case .exited(UpdateScript.notPermittedExitCode):
            let advice = "; run commands as root, or by sudo without a password"
            self.init(
                .notPermitted,
                detail: "cannot \(doing): \(said.isEmpty ? "the login may not read its record" : said)\(advice)")
        case .exited(UpdateScript.notStartedExitCode): self.init(.unreachable, detail: "cannot \(doing): \(said)")
        case .exited(let code): self.init(.commandFailed, detail: "cannot \(doing): exit code \(code): \(said)")
        case .signalled(let signal):
            self.init(.unreachable, detail: "cannot \(doing): signal \(signal) ended the command")
        case .timedOut:
            self.init(.unreachable, detail: "cannot \(doing): the machine did not answer within \(timeout.text)")
        }
    }
}
