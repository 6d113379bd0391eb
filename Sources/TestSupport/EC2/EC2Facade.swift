internal import Foundation
public import Providers
internal import Synchronization
public import Workflow

/// Speaks EC2, target groups and Systems Manager over HTTP on loopback, with a simulated cloud as the truth.
///
/// Its clock follows the real one. Each running instance has an address of its own below 127.43.0.0/16, at which an
/// HTTP service answers while the simulated machine serves. `stop` leaves nothing behind.
public final class EC2Facade: Sendable {
    /// How a façade behaves.
    public struct Settings: Sendable {
        /// The region that it plays.
        public var region = "eu-central-1"
        /// The account's number.
        public var account = "123456789012"
        /// How the cloud below behaves; its own budget of requests is not used.
        public var cloud = SimulatedCloud.Settings(
            boot: .milliseconds(5)...(.milliseconds(20)), firstBoot: .zero...Span.zero,
            stop: .milliseconds(5)...(.milliseconds(20)), lag: .zero)
        /// Simulated milliseconds for each real one.
        public var timeFactor = 1.0
        /// Requests that each action may make at once, and per second for long; without an entry there is no limit.
        public var buckets: [String: Bucket] = [:]
        /// How long a new target is `initial`.
        public var initialHealth = Span.milliseconds(5)
        /// How long a target drains.
        public var deregistrationDelay = Span.seconds(1)
        /// Images whose service fails.
        public var brokenImages: Set<String> = ["ami-0badbadbadbadbad0"]
        /// Whether a launch with a client token that is known launches nothing, as EC2 promises.
        public var heedsClientTokens = true
        /// The port of the instances' service.
        public var servicePort = 8080
        /// The seed of the cloud below.
        public var seed: UInt64 = 1

        /// Creates the settings of a cloud in which everything happens within milliseconds.
        public init() {}
    }

    /// A budget of requests.
    public struct Bucket: Sendable, Hashable {
        /// Requests at once.
        public var capacity: Double
        /// Requests per second.
        public var refill: Double

        /// Creates a bucket.
        public init(_ capacity: Double, _ refill: Double) {
            self.capacity = capacity
            self.refill = refill
        }
    }

    /// One request that arrived.
    public struct Entry: Sendable, Hashable {
        /// The request.
        public var request: CloudRequest
        /// The access key that signed it.
        public var accessKey: String
        /// The code of its refusal; `nil` when it was carried out.
        public var refusal: String?
    }

    /// Credentials that are good.
    public struct Credentials: Sendable, Hashable {
        /// The access key's id.
        public var accessKey: String
        /// The secret.
        public var secret: String
        /// The session's token, where there is one.
        public var sessionToken: String?
    }

    /// The image of instances that are well.
    public static let image = "ami-00000000000000001"
    /// A second image that is well.
    public static let newerImage = "ami-00000000000000002"
    /// The path at which a container's credentials are renewed.
    public static let credentialsPath = "/credentials"

    /// The port of all services.
    public var port: Int { server.port }
    /// The settings it was made with.
    public let settings: Settings
    private let state: Mutex<FacadeState>
    private let block: LoopbackBlock
    private let machines: MachineServices
    private let server: LoopbackServer

    /// Starts a façade.
    public init(_ settings: Settings = Settings()) throws {
        self.settings = settings
        let shared = FacadeBox()
        block = try LoopbackBlock()
        machines = MachineServices(port: settings.servicePort) { address in
            shared.facade?.pageOfMachine(at: address)
        }
        state = Mutex(FacadeState(settings, block: block.prefix))
        server = try LoopbackServer { message in
            shared.facade.map { .answer($0.answer(message)) } ?? .reset
        }
        shared.facade = self
    }

    /// Ends the server, the instances' services and every thread.
    public func stop() {
        server.stop()
        machines.stop()
        block.release()
    }

    /// Answers one request, as the server does.
    public func answer(_ message: HTTPMessage) -> HTTPAnswer {
        if message.target == Self.credentialsPath { return state.withLock { $0.renewedCredentials() } }
        let answer = state.withLock { $0.answer(message) }
        openMachines()
        return answer
    }

    // MARK: The world

    /// Adds an instance that somebody launched long ago, and gives its id.
    @discardableResult
    public func addInstance(
        name: String, tags: [String: String] = [:], image: String = EC2Facade.image, userData: String? = nil,
        isProtected: Bool = false
    ) -> String {
        defer { openMachines() }
        return state.withLock {
            $0.add(name: name, tags: tags, image: image, userData: userData, isProtected: isProtected)
        }
    }

    /// Adds a target group with instances that are in service, and gives its resource name.
    public func addTargetGroup(name: String, port: Int, instances: [String]) -> String {
        state.withLock { $0.addGroup(name: name, port: port, instances: instances) }
    }

    /// Allocates an Elastic address and gives the allocation's id.
    public func allocateAddress(to instance: String?) -> String {
        state.withLock { $0.allocate(to: instance) }
    }

    // MARK: The script

    /// Refuses the next requests of an action; `dryRun` says which kind, `nil` for both.
    public func refuse(_ action: String, with refusal: CloudRefusal, times: Int = .max, dryRun: Bool? = nil) {
        state.withLock {
            $0.refusals.append(.init(action: action, refusal: refusal, times: times, dryRun: dryRun))
        }
    }

    /// Makes credentials that are good from now on.
    public func issueCredentials(withSession: Bool = true) -> Credentials {
        state.withLock { $0.access.issue(withSession: withSession) }
    }

    /// Lets every credential that is good now expire; the next ones of the credentials' path are good.
    public func expireCredentials() {
        state.withLock { $0.access.expireAll() }
    }

    /// Lets a fault of the simulated cloud bite; `instance` is whom a fault of one machine concerns.
    public func inject(_ fault: SimulatedFault, on instance: String? = nil, for span: Span = .minutes(10)) {
        state.withLock {
            $0.tick()
            $0.cloud.inject(fault, on: instance.flatMap(FacadeState.key), for: span)
        }
    }

    // MARK: What can be asserted

    /// Every request that arrived, in order.
    public var log: [Entry] { state.withLock { $0.log } }

    /// How many requests of each action arrived, refused ones and dry runs included.
    public var counts: [String: Int] {
        Dictionary(log.map { ($0.request.action, 1) }, uniquingKeysWith: +)
    }

    /// How the world truly is now.
    public var snapshot: FacadeSnapshot {
        state.withLock {
            $0.tick()
            return $0.snapshot()
        }
    }

    /// The user data of every instance ever launched through the façade, decoded, by instance.
    public var userData: [String: String] { state.withLock { $0.allUserData() } }

    private func openMachines() {
        machines.listen(at: state.withLock { $0.addresses() })
    }

    private func pageOfMachine(at address: String) -> HTTPAnswer? {
        state.withLock {
            $0.tick()
            return $0.page(at: address)
        }
    }
}

/// Lets the handlers of a façade's servers find it once it is complete.
private final class FacadeBox: Sendable {
    private struct Weak {
        weak var facade: EC2Facade?
    }

    private let held = Mutex(Weak())

    var facade: EC2Facade? {
        get { held.withLock { $0.facade } }
        set { held.withLock { $0.facade = newValue } }
    }
}
