public import CurlTransport
internal import Synchronization
public import Workflow

/// Speaks to the web services of one AWS account in one region.
///
/// Signs with credentials that it finds and renews as the AWS tools do, keeps within the account's token buckets, and
/// repeats what may be repeated. Share one client among all swaps of an account: the buckets are its own.
public final class AWSClient: Sendable {
    private let settings: AWSSettings
    private let environment: [String: String]
    private let sender: RequestSender
    private let store: CredentialStore
    /// The configuration, once it has been read; credentials are read anew whenever they are renewed.
    private let resolved = Mutex<ResolvedSettings?>(nil)

    /// Creates a client; nothing is read or sent before the first call.
    ///
    /// - Parameters:
    ///   - environment: the process's environment variables, from which `AWS_*`, `HOME` and the like are read.
    ///   - random: a number from 0 up to but not including 1, for jitter.
    ///   - onRequest: told of the action of every request that is sent, repetitions included, in the caller's task.
    public init(
        settings: AWSSettings, environment: [String: String], transport: CurlTransport, clock: any WorkflowClock,
        random: @escaping @Sendable () -> Double, onRequest: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.settings = settings
        self.environment = environment
        let sender = RequestSender(transport: transport, clock: clock, random: random, onRequest: onRequest)
        self.sender = sender
        store = CredentialStore(clock: clock) { () async throws(AWSError) in
            try await CredentialChain(settings: settings, environment: environment, sender: sender).load()
        }
    }

    private func configuration() throws(AWSError) -> ResolvedSettings {
        if let known = resolved.withLock({ $0 }) { return known }
        let read = try ResolvedSettings(settings: settings, environment: environment)
        resolved.withLock { $0 = read }
        return read
    }

    /// The region that calls go to.
    public func region() throws(AWSError) -> String {
        try configuration().region()
    }

    /// Where calls of a service go: scheme, host and port, without a path.
    public func endpoint(of service: AWSService) throws(AWSError) -> String {
        try configuration().endpoint(of: service).origin
    }

    /// Makes a call of the query protocol and returns the answer's root element.
    public func query(_ call: AWSCall) async throws(AWSError) -> AWSElement {
        try await query(call, each: []) { (_: AWSElement) throws(AWSError) in }
    }

    /// Makes a call of the query protocol and hands over the elements at `path` (below the root) one by one.
    ///
    /// They are parsed while the answer arrives and are not part of the returned root, so a large answer is never held
    /// as a whole. When an answer breaks off, the call is not repeated once an item has been handed over.
    public func query(
        _ call: AWSCall, each path: [String],
        _ take: @escaping @Sendable (AWSElement) throws(AWSError) -> Void
    ) async throws(AWSError) -> AWSElement {
        let configuration = try resolved(for: call)
        return try await sender.query(call, settings: configuration, supply: store, each: path, take)
    }

    /// Makes a call of the JSON protocol and returns the answer's body.
    public func json(_ call: AWSCall) async throws(AWSError) -> [UInt8] {
        let configuration = try resolved(for: call)
        return try await sender.json(call, settings: configuration, supply: store)
    }

    private func resolved(for call: AWSCall) throws(AWSError) -> ResolvedSettings {
        do throws(AWSError) {
            let configuration = try configuration()
            _ = try configuration.region()
            return configuration
        } catch {
            throw error.during(call.action)
        }
    }
}
