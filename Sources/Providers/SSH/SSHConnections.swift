import Foundation
import Glibc
public import Workflow

/// Reads what an instance's console shows.
public typealias SSHConsole = @Sendable () async throws(ProviderError) -> String

/// Makes the runner of commands on an instance by SSH; the last argument reads the instance's console.
public typealias SSHRunnerFactory = @Sendable (Instance, SSHSettings, @escaping SSHConsole) -> any CommandRunner

/// The SSH connections of one process: one for each instance, shared by all its commands and kept for a minute.
///
/// The OpenSSH client holds each in a process of its own, which outlives this one by a minute at most, also when this one
/// is killed.
public final class SSHConnections: Sendable {
    /// How many commands use a connection at a time; further ones wait.
    ///
    /// An OpenSSH server allows ten (`MaxSessions`), and those that end what is still running need room, too.
    private static let sessions = 8
    /// The longest path of a Unix socket, without its final NUL; see unix(7).
    private static let socketPathBytes = 107
    /// What stands behind the folder: a slash, the name, a mark for the draft, and the client's own mark until it listens.
    private static let namePathBytes = 1 + 13 + 5 + 17
    private static let endingMilliseconds: Int64 = 2_000

    /// One connection: who may use it, who may open it, and what the last attempt to open it came to.
    struct Connection: Sendable {
        let slots = SSHSlots(SSHConnections.sessions)
        let gate = SSHSlots(1)
        let failure = LockedValue<(error: CommandError, at: Int64)?>(nil)
    }

    let keys: SSHKeyStore
    private let candidates: [String]
    private let folder = LockedValue<String??>(nil)
    private let connections = LockedValue<[String: Connection]>([:])
    /// The sockets of the connections that this process has opened, with the calls that end them.
    private let opened = LockedValue<[String: [String]]>([:])

    /// Creates the connections; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - controlFolders: where the sockets of shared connections may be. The first is used whose path is not longer than 71
    ///     bytes and that is this user's own; made when it is missing. Without any, each command makes a connection of its own.
    ///   - keysFolder: where pinned host keys are; made when it is missing.
    public init(controlFolders: [String], keysFolder: String) {
        candidates = controlFolders
        keys = SSHKeyStore(folder: keysFolder)
    }

    /// The runner of commands on an instance, at its address of now.
    ///
    /// `console` is read where the settings take the host keys from there.
    public func runner(
        for instance: Instance, of provider: ProviderName, settings: SSHSettings, console: @escaping SSHConsole
    ) -> any CommandRunner {
        guard let address = instance.address else {
            return UnreachableCommandRunner(detail: "\(instance.id) has no address yet")
        }
        return SSHCommandRunner(
            host: address, instance: instance.id, provider: provider, settings: settings, connections: self,
            console: console)
    }

    /// Ends the connections that this process has opened, each as soon as no command uses it any more.
    public func close() async {
        let all = opened.withLock { opened in
            defer { opened = [:] }
            return opened
        }
        for (socket, arguments) in all {
            var request = Self.request(arguments)
            request.timeoutMilliseconds = Self.endingMilliseconds
            let ending = request
            _ = await Task { try? await ProcessRunner.run(ending) }.value
            unlink(socket)
        }
    }

    /// The connection of that name.
    func connection(_ name: String) -> Connection {
        connections.withLock { connections in
            if let known = connections[name] { return known }
            let made = Connection()
            connections[name] = made
            return made
        }
    }

    /// The socket of the connection of that name; `nil` where connections cannot be shared.
    func socket(_ name: String) -> String? { sharedFolder.map { "\($0)/\(name)" } }

    /// A file in the folder of the sockets, or in that of the keys, for what the client says on the way.
    func logFile() throws(SystemFailure) -> String {
        if let folder = sharedFolder { return "\(folder)/log-\(UUID().uuidString)" }
        try PrivateFolder.make(keys.folder)
        return "\(keys.folder)/.log-\(UUID().uuidString)"
    }

    /// Notes that this process has opened the connection behind a socket, and how it is ended.
    func note(_ socket: String, ending arguments: [String]) {
        opened.withLock { $0[socket] = arguments }
    }

    /// The request for a call of the client; it is given its agent's socket, and no other credentials.
    static func request(_ arguments: [String]) -> ProcessRequest {
        let variables = ControllerCommandRunner.harmlessVariables.union(["SSH_AUTH_SOCK"])
        var environment = ProcessInfo.processInfo.environment.filter { variables.contains($0.key) }
        environment["LC_ALL"] = "C"
        return ProcessRequest(arguments: arguments, environment: environment, folder: nil)
    }

    private var sharedFolder: String? {
        folder.withLock { folder in
            if let known = folder { return known }
            let found = candidates.first { candidate in
                candidate.utf8.count + Self.namePathBytes <= Self.socketPathBytes && candidate.hasPrefix("/")
                    && (try? PrivateFolder.make(candidate)) != nil
            }
            folder = .some(found)
            return found
        }
    }
}
