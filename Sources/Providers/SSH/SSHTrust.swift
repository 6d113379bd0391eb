import Foundation
import Glibc
import Workflow

/// Finds out which host keys of an instance are believed.
struct SSHTrust: Sendable {
    let runner: SSHCommandRunner

    private var host: String { runner.host }
    private var keys: SSHKeyStore { runner.connections.keys }

    /// The file of host keys for a call; with `hostKeys: console` they are pinned first where that is still to be done.
    func identity(_ deadline: SSHDeadline) async throws(CommandError) -> SSHClientCall.Identity {
        if let file = runner.settings.identityFile, access(Self.expanded(file), R_OK) != 0 {
            throw CommandError(
                .unreachable, detail: "\(host): \(SystemFailure(doing: "read the identityFile \(file)"))")
        }
        switch runner.settings.hostKeys {
        case .knownHosts(let file):
            if let file, access(Self.expanded(file), R_OK) != 0 {
                throw CommandError(
                    .unreachable, detail: "\(host): \(SystemFailure(doing: "read the known hosts in \(file)"))")
            }
            return SSHClientCall.Identity(file: file)
        case .certificateAuthority(let text): return SSHClientCall.Identity(file: try authorityFile(text))
        case .console:
            let file = keys.pinFile(of: runner.instance, provider: runner.provider)
            if access(file, F_OK) != 0 { try await pin(in: file, deadline) }
            return SSHClientCall.Identity(file: file, alias: alias)
        }
    }

    /// What the instance is called in its file.
    private var alias: String {
        let id = runner.instance.rawValue
        return SSHClientCall.isHost(id) && !id.contains("%") ? id : "instance-\(StableHash.text(of: id))"
    }

    /// A path without `~`, which OpenSSH would understand as well.
    private static func expanded(_ path: String) -> String {
        guard path.hasPrefix("~/"), let home = ProcessInfo.processInfo.environment["HOME"] else { return path }
        return home + path.dropFirst()
    }

    // MARK: An authority

    private func authorityFile(_ text: String) throws(CommandError) -> String {
        var lines = text
        if SSHPublicKey(in: text) == nil {
            guard let data = FileManager.default.contents(atPath: Self.expanded(text)) else {
                throw refused("its public key cannot be read in \(text)")
            }
            lines = String(decoding: data, as: UTF8.self)
        }
        let found = lines.unicodeScalars.split { $0 == "\n" || $0 == "\r" }.map(String.init)
            .filter { !$0.hasPrefix("#") }.compactMap(SSHPublicKey.init(in:))
        guard !found.isEmpty else {
            throw refused(
                "there is no public key in \(text.prefix(120)); it is the .pub file that ssh-keygen made, such as "
                    + "`ssh-ed25519 AAAA…`, never the private key")
        }
        do throws(SystemFailure) { return try keys.authorityFile(for: found) } catch {
            throw CommandError(.unreachable, detail: "\(host): \(error)")
        }
    }

    private func refused(_ words: String) -> CommandError {
        CommandError(.unreachable, detail: "\(host): the certificateAuthority is not usable: \(words)")
    }

    // MARK: The console

    private func pin(in file: String, _ deadline: SSHDeadline) async throws(CommandError) {
        let text: String
        do throws(ProviderError) { text = try await runner.console() } catch {
            throw CommandError(
                .unreachable,
                detail: "\(host): its host keys cannot be read from the console of \(runner.instance): \(error.detail)")
        }
        guard let shown = ConsoleHostKeys(console: text) else {
            throw CommandError(
                .unreachable,
                detail:
                    "\(host): the console of \(runner.instance) shows no host keys yet, or no longer; cloud-init prints "
                    + "them at the end of first boot. Where it never does, use `hostKeys: {knownHosts: FILE}` or "
                    + "`{certificateAuthority: FILE}`")
        }
        guard !shown.isContradictory else {
            throw CommandError(
                .unreachable,
                detail:
                    "\(host): the console of \(runner.instance) shows two different sets of host keys, so that neither "
                    + "can be believed; compare them by hand and use `hostKeys: {knownHosts: FILE}`")
        }
        var believed = shown.keys
        if believed.isEmpty { believed = [try await fetched(shown.fingerprints, deadline)] }
        do throws(SystemFailure) { try keys.pin(believed, as: alias, in: file) } catch {
            throw CommandError(.unreachable, detail: "\(host): \(error)")
        }
    }

    /// The key that the server shows, whose fingerprint must be among those of the console.
    private func fetched(
        _ fingerprints: Set<String>, _ deadline: SSHDeadline
    ) async throws(CommandError) -> SSHPublicKey {
        let call = SSHClientCall(host: host, settings: runner.settings, identity: SSHClientCall.Identity())
        let way = try SSHWay(call, runner.connections)
        defer { way.end() }
        let file: String
        do throws(SystemFailure) { file = try keys.draft() } catch {
            throw CommandError(.unreachable, detail: "\(host): \(error)")
        }
        defer { unlink(file) }
        var request = SSHConnections.request(call.fetchingKey(to: file, alias: alias, proxy: way.proxyCommand))
        request.timeoutMilliseconds = deadline.left
        let result = try await request.commandResult { _ in }
        let found = String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
            .split(separator: "\n").compactMap { SSHPublicKey(in: $0) }
        guard let key = found.first else {
            throw result.termination == .timedOut
                ? CommandError(.unreachable, detail: "\(host): no host key was shown in time")
                : CommandError(.unreachable, detail: way.words(for: result.errorOutput))
        }
        guard let believed = found.first(where: { fingerprints.contains($0.fingerprint) }) else {
            throw CommandError(
                .unreachable,
                detail: "\(host): it shows the host key \(key.fingerprint), which is not among those on the console of "
                    + "\(runner.instance): either the console is that of another boot, or another machine answers in its "
                    + "place; find out which before you use `hostKeys: {knownHosts: FILE}`")
        }
        return believed
    }
}
