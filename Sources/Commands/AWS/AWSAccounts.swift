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
    private let accounts = Mutex<[ProviderName: Account]>([:])

    init(transport: CurlTransport, clock: any WorkflowClock, tally: RequestTally) {
        self.transport = transport
        self.clock = clock
        self.tally = tally
    }

    /// The adapters of a provider, made at its first use.
    func account(
        _ name: ProviderName, _ configuration: EC2Configuration, folder: String, asksPermissions: Bool
    ) -> Account {
        accounts.withLock { accounts in
            if let known = accounts[name] { return known }
            let client = AWSClient(
                settings: AWSSettings(
                    region: configuration.region, profile: configuration.profile, endpoint: configuration.endpoint),
                environment: ProcessInfo.processInfo.environment, transport: transport, clock: clock,
                random: { Double.random(in: 0..<1) }, onRequest: { [tally] in tally.count($0) })
            let settings = EC2Provider.Settings(
                name: name, commands: Self.commands(configuration.commands),
                consistencyWindow: configuration.consistencyWindow,
                usesPublicAddress: configuration.usesPublicAddress, asksPermissions: asksPermissions)
            let account = Account(
                client: client,
                provider: EC2Provider(settings: settings, client: client, clock: clock) { instance, ssh in
                    SSHCommandRunner(host: instance.address ?? "", settings: ssh, controlFolder: folder)
                },
                traffic: AWSTraffic(
                    client: client, clock: clock, usesPublicAddress: configuration.usesPublicAddress))
            accounts[name] = account
            return account
        }
    }

    private static func commands(_ configuration: EC2Configuration.Commands) -> EC2Commands {
        switch configuration {
        case .ssm: .ssm
        case .none: .none
        case .ssh(let ssh):
            .ssh(
                SSHSettings(
                    user: ssh.user, identityFile: ssh.identityFile, knownHostsFile: ssh.knownHostsFile, port: ssh.port,
                    jumpHost: ssh.jumpHost, usesSudo: ssh.usesSudo))
        }
    }
}
