import Configuration
import Foundation
import Providers
import Synchronization

extension SSHSettings {
    /// The settings that the configuration's words stand for; `absolute` makes its paths absolute.
    init(_ configuration: SSHConfiguration, absolute: (String) -> String) {
        // OpenSSH itself knows what `~` is.
        func path(_ path: String) -> String { path.hasPrefix("~") ? path : absolute(path) }
        let keys: SSHHostKeys =
            switch configuration.hostKeys {
            case .knownHosts(let file): .knownHosts(file.map { path($0) })
            case .console: .console
            // A key as text has two words.
            case .certificateAuthority(let text): .certificateAuthority(text.contains(" ") ? text : path(text))
            }
        self.init(
            user: configuration.user, identityFile: configuration.identityFile.map { path($0) }, hostKeys: keys,
            port: configuration.port, jumpHost: configuration.jumpHost, usesSudo: configuration.usesSudo)
    }
}

/// The SSH connections that this process may have open, which end with it.
enum OpenConnections {
    private static let all = Mutex<[SSHConnections]>([])

    /// Makes the connections of a store.
    static func make(store: URL) -> SSHConnections {
        // Short paths, since sockets are below them.
        let runtime = ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"].map { $0 + "/changeover" }
        let others = [store.appendingPathComponent("ssh").path, "/tmp/changeover-\(geteuid())"]
        let connections = SSHConnections(
            controlFolders: (runtime.map { [$0] } ?? []) + others,
            keysFolder: store.appendingPathComponent("host-keys").path)
        all.withLock { $0.append(connections) }
        return connections
    }

    /// Ends those that this process has opened.
    static func close() async {
        for connections in all.withLock({ $0 }) { await connections.close() }
    }
}
