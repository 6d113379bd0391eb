import AWSClient
import Configuration
import CurlTransport
import Foundation
import Providers
import Synchronization
import Traffic
import Workflow

/// The adapters of the configured EC2 accounts, made once each, so that all swaps of the process share their requests.
final class AWSAccounts: Sendable {
    /// What belongs to one provider of the configuration.
    struct Account: Sendable {
        let client: AWSClient
        let provider: EC2Provider
        let traffic: AWSTraffic
    }

    private let transport: CurlTransport
    private let clock: any WorkflowClock
    private let tally: RequestTally
    private let connections: SSHConnections
    private let accounts = Mutex<[ProviderName: Account]>([:])

    init(transport: CurlTransport, clock: any WorkflowClock, tally: RequestTally, connections: SSHConnections) {
        self.transport = transport
        self.clock = clock
        self.tally = tally
        self.connections = connections
    }

    /// The adapters of a provider, made at its first use; `absolute` makes the configuration's paths absolute.
    func account(
        _ name: ProviderName, _ configuration: EC2Configuration, asksPermissions: Bool, absolute: (String) -> String
    ) -> Account {
        accounts.withLock { accounts in
            if let known = accounts[name] { return known }
            let client = AWSClient(
                settings: AWSSettings(
                    region: configuration.region, profile: configuration.profile, endpoint: configuration.endpoint),
                environment: ProcessInfo.processInfo.environment, transport: transport, clock: clock,
                random: { Double.random(in: 0..<1) }, onRequest: { [tally] in tally.count($0) })
            let settings = EC2Provider.Settings(
                name: name, commands: Self.commands(configuration.commands, absolute: absolute),
                consistencyWindow: configuration.consistencyWindow,
                usesPublicAddress: configuration.usesPublicAddress, asksPermissions: asksPermissions)
            let account = Account(
                client: client,
                provider: EC2Provider(settings: settings, client: client, clock: clock) {
                    [connections] instance, ssh, console in
                    connections.runner(for: instance, of: name, settings: ssh, console: console)
                },
                traffic: AWSTraffic(
                    client: client, clock: clock, usesPublicAddress: configuration.usesPublicAddress))
            accounts[name] = account
            return account
        }
    }

    private static func commands(
        _ configuration: EC2Configuration.Commands, absolute: (String) -> String
    ) -> EC2Commands {
        switch configuration {
        case .ssm: .ssm
        case .none: .none
        case .ssh(let ssh): .ssh(SSHSettings(ssh, absolute: absolute))
        }
    }
}
