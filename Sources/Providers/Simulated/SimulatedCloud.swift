public import Workflow

/// A cloud that exists only in a seed and a clock: the truth of every instance, and the rules by which it changes.
///
/// Processes reach it through a `SimulatedCloudClient`; what is here happens at once and cannot fail on the way.
/// Everything runs on the one thread of the simulated world.
public final class SimulatedCloud: @unchecked Sendable {
    /// How a simulated cloud behaves when nothing is wrong.
    public struct Settings: Sendable {
        /// How long an instance is pending.
        public var boot: ClosedRange<Span>
        /// How long first boot then takes, updates included.
        public var firstBoot: ClosedRange<Span>
        /// How long stopping and ending take.
        public var stop: ClosedRange<Span>
        /// By how much reads may lag behind.
        public var lag: Span
        /// Requests that may be made at once before the account is throttled.
        public var burst: Double
        /// Requests a second that the account may make for long.
        public var requestsPerSecond: Double

        /// Creates settings.
        public init(
            boot: ClosedRange<Span> = .seconds(2)...(.seconds(15)),
            firstBoot: ClosedRange<Span> = .seconds(2)...(.seconds(20)),
            stop: ClosedRange<Span> = .milliseconds(200)...(.seconds(6)), lag: Span = .seconds(1), burst: Double = 60,
            requestsPerSecond: Double = 10
        ) {
            self.boot = boot
            self.firstBoot = firstBoot
            self.stop = stop
            self.lag = lag
            self.burst = burst
            self.requestsPerSecond = requestsPerSecond
        }
    }

    /// A secret that the cloud and the network put into their messages, and that must never be stored anywhere.
    public static let secret = "AKIA-CANARY-3f9c"

    /// The owner that somebody else's tool writes into a tag.
    static let stranger = "somebody-else"

    /// The world's clock.
    public let clock: VirtualClock
    /// The way to it.
    public let network: SimulatedNetwork
    private let settings: Settings
    private var random: SimulatedRandom
    private var tokens: [LaunchToken: InstanceID] = [:]
    private var budget: Double
    private var budgetAt: Int64 = 0
    private var throttledUntil: Int64 = 0
    private var expiredUntil: Int64 = 0
    private var staleUntil: Int64 = 0
    private var refusals: [SimulatedFault] = []
    /// What the next launch suffers.
    private var launchTroubles: [SimulatedFault] = []
    private var slowStops = 0
    /// Every machine there ever was, by id.
    public private(set) var machines: [InstanceID: SimulatedMachine] = [:]

    /// Creates a cloud without instances.
    public init(clock: VirtualClock, network: SimulatedNetwork, seed: UInt64, settings: Settings = Settings()) {
        self.clock = clock
        self.network = network
        self.settings = settings
        random = SimulatedRandom(seed: seed, purpose: 7)
        budget = settings.burst
    }

    // MARK: The world outside our processes

    /// Puts a running, healthy instance into the cloud, as somebody launched it long ago.
    public func add(_ instance: Instance) {
        var machine = SimulatedMachine(instance, at: -1_000_000_000, serviceStartsAt: -1_000_000_000)
        machine.firstBootEndsAt = -1_000_000_000
        machines[instance.id] = machine
    }

    /// A machine as it truly is now; `nil` when there never was one.
    public func machine(_ id: InstanceID) -> SimulatedMachine? {
        settle(id)
        return machines[id]
    }

    /// Changes a machine behind everybody's back.
    func alter(_ id: InstanceID, _ body: (inout SimulatedMachine) -> Void) {
        settle(id)
        guard var machine = machines[id] else { return }
        body(&machine)
        machines[id] = machine
    }

    /// Lets a fault of the cloud bite, now or as soon as it can; `machine` is whom a fault of one machine concerns.
    public func inject(_ fault: SimulatedFault, on machine: InstanceID?, for span: Span) {
        let now = clock.now
        switch fault {
        case .throttle: throttledUntil = now + span.milliseconds
        case .expiredCredentials: expiredUntil = now + span.milliseconds
        case .staleReads:
            staleUntil = now + span.milliseconds
            network.witness?.suffered(fault)
        case .capacity, .quota: refusals.append(fault)
        case .slowBoot, .stuckBoot, .failedBoot, .unpatched: trouble(fault, machine)
        case .slowStop: slowStops += 1
        case .protection, .foreignTag, .failingCheck, .flappingCheck, .warningCheck, .unmeasurableCheck,
            .vanishedReplacement, .sickOriginal, .vanishedOriginal:
            guard let machine else { return }
            network.witness?.suffered(fault)
            strike(machine, with: fault, for: span)
        case .lostRequest, .lostAnswer, .duplicate, .slowAnswer, .garbledAnswer: network.await(fault)
        case .outage: network.fail(for: span)
        case .routerOutage, .routerRefusal, .slowRouterHealth, .partialShift, .clockForward, .clockBack, .diskFull,
            .failedSync, .slowStore, .crash, .crashBeforeWrite, .crashAfterWrite, .stall, .rival, .interrupt:
            break
        }
    }

    /// Ends every fault that is not a fact of its own.
    public func heal() {
        (throttledUntil, expiredUntil, staleUntil, slowStops) = (0, 0, 0, 0)
        (refusals, launchTroubles) = ([], [])
        budget = settings.burst
        for id in machines.keys.sorted() {
            alter(id) { machine in
                machine.heal(at: clock.now)
                if machine.instance.isTerminationProtected {
                    machine.change(at: clock.now) { $0.isTerminationProtected = false }
                }
                let owner = machine.ownerBefore
                if machine.instance.tags[OwnershipTag.swap] == Self.stranger {
                    machine.change(at: clock.now) { $0.tags[OwnershipTag.swap] = owner }
                }
            }
        }
    }

    private func trouble(_ fault: SimulatedFault, _ machine: InstanceID?) {
        guard let machine, machines[machine] != nil else { return launchTroubles.append(fault) }
        alter(machine) { burden(&$0, with: fault) }
    }

    private func burden(_ machine: inout SimulatedMachine, with fault: SimulatedFault) {
        let now = clock.now
        switch fault {
        case .slowBoot where machine.instance.state == .pending:
            machine.putOffTransition(until: now + random.span(.seconds(30), .seconds(70)).milliseconds)
            machine.serviceStartsAt += 60_000
            machine.firstBootEndsAt += 60_000
        case .slowBoot:
            let end = now + random.span(.seconds(30), .seconds(60)).milliseconds
            machine.serviceStartsAt = max(machine.serviceStartsAt, end)
            machine.firstBootEndsAt = max(machine.firstBootEndsAt, end)
        case .stuckBoot where machine.instance.state == .pending: machine.putOffTransition(until: .max)
        case .stuckBoot:
            machine.firstBootEndsAt = .max
            machine.serviceStartsAt = .max
        case .failedBoot:
            machine.firstBootFailure = "E: dpkg was interrupted (token \(Self.secret))"
        case .unpatched: machine.pendingUpdates = 3
        default: return
        }
        network.witness?.suffered(fault)
    }

    private func strike(_ id: InstanceID, with fault: SimulatedFault, for span: Span) {
        let now = clock.now
        alter(id) { machine in
            switch fault {
            case .protection: machine.change(at: now) { $0.isTerminationProtected = true }
            case .foreignTag where machine.instance.tags[OwnershipTag.swap] != Self.stranger:
                machine.ownerBefore = machine.instance.tags[OwnershipTag.swap]
                machine.change(at: now) { $0.tags[OwnershipTag.swap] = Self.stranger }
            case .failingCheck, .sickOriginal: machine.failing.append(now..<Int64.max)
            case .flappingCheck: machine.failing.append(now..<now + 1 + span.milliseconds / 10)
            case .warningCheck: machine.warning.append(now..<now + span.milliseconds)
            case .unmeasurableCheck: machine.unmeasurable.append(now..<now + span.milliseconds)
            case .vanishedReplacement, .vanishedOriginal: machine.enter(.terminated, at: now)
            default: break
            }
        }
    }

    private func settle(_ id: InstanceID) {
        machines[id]?.settle(at: clock.now)
    }

    // MARK: What requests find and do

    /// Why the account may not make a request now; `nil` when it may.
    func refusal(of operation: String) -> ProviderError? {
        let now = clock.now
        if now < expiredUntil {
            network.witness?.suffered(.expiredCredentials)
            return ProviderError(
                .unauthenticated, operation: operation, detail: "the token \(Self.secret) has expired")
        }
        let rate = now < throttledUntil ? 0.2 : settings.requestsPerSecond
        if now < throttledUntil { budget = min(budget, 1) }
        budget = min(settings.burst, budget + Double(now - budgetAt) / 1000 * rate)
        budgetAt = now
        guard budget >= 1 else {
            network.witness?.suffered(.throttle)
            return ProviderError(.throttled, operation: operation, detail: "too many requests")
        }
        budget -= 1
        return nil
    }

    /// The moment whose state a read shows.
    public func readMoment() -> Int64 {
        let lag = clock.now < staleUntil ? random.span(.seconds(1), .seconds(8)) : random.span(.zero, settings.lag)
        return clock.now - (random.chance(0.5) ? lag.milliseconds : 0)
    }

    /// An instance as a read at `moment` shows it.
    public func shown(_ id: InstanceID, at moment: Int64) -> Instance? {
        machine(id)?.shown(at: moment)
    }

    /// Every instance as a read at `moment` shows it, by id.
    func allShown(at moment: Int64) -> [Instance] {
        machines.keys.sorted().compactMap { shown($0, at: moment) }
    }

    /// Carries a mutating request out.
    public func carryOut(_ request: CallRequest) -> Result<CallOutcome, ProviderError> {
        network.witness?.callTakesEffect(request)
        switch request {
        case .launch(let launch): return self.launch(launch)
        case .stop(let id), .start(let id), .terminate(let id), .tag(let id, _), .reboot(let id, _),
            .snapshot(let id, _), .restore(let id, _), .deleteSnapshot(let id, _):
            guard let machine = machine(id), let shown = machine.shown(at: clock.now) else {
                return .failure(
                    ProviderError(.instanceNotFound, operation: request.summary, detail: "\(id) does not exist"))
            }
            if let error = change(shown, as: request) { return .failure(error) }
            return .success(.done)
        case .traffic, .update:
            return .failure(ProviderError(.invalidRequest, operation: request.summary, detail: "not for a cloud"))
        }
    }

    private func launch(_ request: LaunchRequest) -> Result<CallOutcome, ProviderError> {
        if let known = tokens[request.token], let machine = machine(known) {
            return .success(.launched(machine.instance))
        }
        if let refusal = refusals.popLast() {
            network.witness?.suffered(refusal)
            let code: ProviderError.Code = refusal == .capacity ? .capacity : .quota
            return .failure(ProviderError(code, operation: "launch", detail: "no room for another instance"))
        }
        let number = machines.count + 1
        let specification = request.specification
        let instance = Instance(
            id: InstanceID("i-\(number)"), name: specification.name, state: .pending, image: specification.image,
            address: nil, tags: specification.tags.merging(request.ownershipTags) { $1 },
            launchedAt: clock.wallTime, properties: specification.properties)
        let boot = random.span(settings.boot.lowerBound, settings.boot.upperBound)
        let firstBoot = random.span(settings.firstBoot.lowerBound, settings.firstBoot.upperBound)
        var machine = SimulatedMachine(
            instance, at: clock.now, serviceStartsAt: clock.now + (boot + firstBoot).milliseconds)
        machine.enter(.pending, at: clock.now, then: .running, after: boot)
        machine.change(at: clock.now) { $0.address = "10.0.\(number / 250).\(number % 250)" }
        launchTroubles.forEach { burden(&machine, with: $0) }
        launchTroubles = []
        tokens[request.token] = instance.id
        machines[instance.id] = machine
        network.witness?.launched(machine.instance, by: request)
        return .success(.launched(machine.instance))
    }

    private func change(_ instance: Instance, as request: CallRequest) -> ProviderError? {
        let operation = request.summary
        let now = clock.now
        func invalid() -> ProviderError {
            ProviderError(.invalidState, operation: operation, detail: "\(instance.id) is \(instance.state.rawValue)")
        }
        switch (request, instance.state) {
        case (.stop, .running), (.stop, .pending):
            alter(instance.id) { $0.enter(.stopping, at: now, then: .stopped, after: stopTime()) }
        case (.stop, .stopped), (.stop, .stopping): break
        case (.start, .stopped):
            let boot = random.span(settings.boot.lowerBound, settings.boot.upperBound)
            alter(instance.id) { $0.enter(.pending, at: now, then: .running, after: boot) }
        case (.start, .running), (.start, .pending): break
        case (.terminate, .terminated), (.terminate, .terminating): break
        case (.terminate, _):
            if instance.isTerminationProtected {
                return ProviderError(
                    .terminationProtected, operation: operation, detail: "\(instance.id) is protected")
            }
            alter(instance.id) { $0.enter(.terminating, at: now, then: .terminated, after: stopTime()) }
        case (.tag(_, let changes), _):
            alter(instance.id) { machine in
                machine.change(at: now) { instance in
                    for change in changes { instance.tags[change.name] = change.value }
                }
            }
        default: return invalid()
        }
        return nil
    }

    private func stopTime() -> Span {
        guard slowStops > 0 else { return random.span(settings.stop.lowerBound, settings.stop.upperBound) }
        slowStops -= 1
        network.witness?.suffered(.slowStop)
        return random.span(.seconds(30), .seconds(100))
    }
}
