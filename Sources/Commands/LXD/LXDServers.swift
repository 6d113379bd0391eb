import Configuration
import CurlTransport
import Foundation
import LXDClient
import Providers
import Synchronization
import Traffic
import Workflow

/// The adapters of the configured servers of LXD and Incus, made once each.
final class LXDServers: Sendable {
    /// What belongs to one provider of the configuration.
    struct Server: Sendable {
        let client: LXDClient
        let provider: LXDProvider
        let traffic: LXDTraffic
    }

    private let transport: CurlTransport
    private let clock: any WorkflowClock
    private let tally: RequestTally
    private let connections: SSHConnections
    private let servers = Mutex<[ProviderName: Server]>([:])

    init(transport: CurlTransport, clock: any WorkflowClock, tally: RequestTally, connections: SSHConnections) {
        self.transport = transport
        self.clock = clock
        self.tally = tally
        self.connections = connections
    }

    /// The adapters of a provider, made at its first use; `absolute` makes the configuration's paths absolute.
    func server(
        _ name: ProviderName, _ configuration: LXDConfiguration, absolute: (String) -> String
    ) -> Server {
        servers.withLock { servers in
            if let known = servers[name] { return known }
            let client = LXDClient(
                settings: LXDSettings(
                    endpoint: Self.endpoint(configuration.endpoint, absolute: absolute), project: configuration.project),
                transport: transport, clock: clock, onRequest: { [tally] in tally.count($0) })
            let runner: @Sendable (String) -> LXDCommandRunner = { [clock] instance in
                LXDCommandRunner(client: client, instance: instance, clock: clock)
            }
            let settings = LXDProvider.Settings(
                name: name, target: configuration.target, network: configuration.network,
                addressFamily: configuration.usesIPv6 ? .ipv6 : .ipv4)
            let plain = LXDProvider(settings: settings, client: client, clock: clock) { runner($0.id.rawValue) }
            var provider = plain
            if case .ssh(let ssh) = configuration.commands {
                let ssh = SSHSettings(ssh, absolute: absolute)
                provider = LXDProvider(settings: settings, client: client, clock: clock) { [connections] instance in
                    connections.runner(for: instance, of: name, settings: ssh) { () async throws(ProviderError) in
                        try await plain.consoleOutput(of: instance.id)
                    }
                }
            }
            let server = Server(
                client: client, provider: provider,
                traffic: LXDTraffic(client: client, clock: clock) { runner($0.rawValue) })
            servers[name] = server
            return server
        }
    }

    private static func endpoint(
        _ endpoint: LXDConfiguration.Endpoint, absolute: (String) -> String
    ) -> LXDSettings.Endpoint {
        switch endpoint {
        case .socket(let path): return .socket(path.map(absolute) ?? defaultSocket)
        case .remote(let remote):
            return .remote(
                LXDSettings.Remote(
                    url: remote.url, clientCertificateFile: absolute(remote.clientCertificate),
                    clientKeyFile: absolute(remote.clientKey),
                    serverCertificateFile: remote.serverCertificate.map(absolute), serverName: remote.serverName))
        }
    }

    /// The socket that the tools of LXD and Incus use: where their variables say, else the first that there is.
    private static var defaultSocket: String {
        let environment = ProcessInfo.processInfo.environment
        for (variable, suffix) in [
            ("LXD_SOCKET", ""), ("INCUS_SOCKET", ""), ("LXD_DIR", "/unix.socket"), ("INCUS_DIR", "/unix.socket"),
        ] {
            if let value = environment[variable], !value.isEmpty { return value + suffix }
        }
        let places = [
            "/var/lib/incus/unix.socket", "/var/snap/lxd/common/lxd/unix.socket", "/var/lib/lxd/unix.socket",
        ]
        return places.first(where: FileManager.default.fileExists(atPath:)) ?? places[2]
    }
}
