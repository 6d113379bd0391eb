import Engine
import Providers
import Workflow

/// One simulated world: a cloud, routers, a store, processes of ours, and the monitor that watches them all.
final class World: @unchecked Sendable {
    /// What there is in a world at its beginning.
    struct Setting: Sendable {
        var original: Instance
        var routes: [TrafficRoute]
        var checks: [SimulatedAssessor.Check]
        /// How many members every router has beside the original.
        var neighbours = 0
        var cloud = SimulatedCloud.Settings()
        var requestPollInterval = Span.seconds(2)
        /// Whether evidence is really written out, and records are read back.
        var writesEvidence = false
        var isTranscribed = false
    }

    let seed: UInt64
    let setting: Setting
    let clock = VirtualClock()
    let executor = SimulationExecutor()
    let network: SimulatedNetwork
    let cloud: SimulatedCloud
    let store: SimulatedStore
    let transcript: Transcript
    private(set) lazy var monitor = InvariantMonitor(world: self)
    private(set) var routers: [RouterName: SimulatedRouter] = [:]
    private(set) var processes: [Int: SimulatedProcess] = [:]
    private var journals: [Int: SimulatedJournal] = [:]
    private var driven: [Int: SwapID] = [:]
    /// Instances that somebody else terminated.
    private(set) var vanished: Set<InstanceID> = []
    /// Hears of each fault that bites.
    var onFault: (SimulatedFault) -> Void = { _ in }
    /// Hears of each record.
    var onRecord: (JournalRecord, _ before: Swap?, _ after: Swap) -> Void = { _, _, _ in }
    /// Hears what a driver tells those who watch it.
    var onNotice: @Sendable (DriverNotice) -> Void = { _ in }

    init(seed: UInt64, setting: Setting) {
        self.seed = seed
        self.setting = setting
        network = SimulatedNetwork(clock: clock, seed: seed)
        cloud = SimulatedCloud(clock: clock, network: network, seed: seed, settings: setting.cloud)
        store = SimulatedStore(clock: clock)
        transcript = Transcript(isOn: setting.isTranscribed)
        populate()
        connect()
    }

    private func populate() {
        cloud.add(setting.original)
        var members = [setting.original]
        for number in 0..<setting.neighbours {
            var neighbour = setting.original
            neighbour.id = InstanceID("i-neighbour-\(number + 1)")
            neighbour.address = "10.9.0.\(number + 1)"
            cloud.add(neighbour)
            members.append(neighbour)
        }
        for (index, route) in setting.routes.enumerated() {
            routers[route.name] = SimulatedRouter(
                route.name, cloud: cloud, members: members, seed: seed &+ UInt64(index))
        }
    }

    private func connect() {
        network.witness = self
        transcript.now = { [unowned self] in clock.now }
        store.isGone = { [unowned self] holder, host in
            // Only on its own machine can a process be seen to be gone.
            holder.host == host && processes.values.first { $0.holder == holder }?.isAlive == false
        }
        store.onFault = { [unowned self] in suffered($0) }
        store.onLine = { [unowned self] line in monitor.requireNoSecret([line.text], "the log") }
        store.onRecord = { [unowned self] record, before, after in
            transcribe(record, before: before, after: after)
            monitor.recorded(record, before: before, after: after)
            onRecord(record, before, after)
        }
    }

    private func transcribe(_ record: JournalRecord, before: Swap?, after: Swap) {
        transcript.note(
            "\(after.id) record \(record.sequence) (epoch \(record.epoch)) \(before?.state.name ?? "nothing") -> "
                + "\(after.state.name)\(after.pausedAt == nil ? "" : " (paused)"): "
                + record.entry.reasons.joined(separator: " ")
                + (record.entry.intents.isEmpty
                    ? ""
                    : " | intends: "
                        + record.entry.intents.map { "\($0.number) \($0.request.summary)" }.joined(
                            separator: ", ")))
    }

    // MARK: Processes

    /// How many members every router has in service when all is well.
    var minimumInService: Int { 1 + setting.neighbours }
    var routeNames: [RouterName] { setting.routes.map(\.name) }

    /// Starts a process; `host` is the machine on which it runs.
    func startProcess(on host: String) -> SimulatedProcess {
        let number = processes.count + 1
        let holder = LeaseHolder(
            host: host, bootID: "boot", processID: Int32(number), processStart: UInt64(number))
        let process = SimulatedProcess(number: number, holder: holder, clock: clock)
        processes[number] = process
        journals[number] = SimulatedJournal(store, for: process)
        return process
    }

    func journal(of process: SimulatedProcess) -> SimulatedJournal? { journals[process.number] }

    func note(_ process: SimulatedProcess, drives swap: SwapID) { driven[process.number] = swap }

    func swap(drivenBy process: SimulatedProcess) -> SwapID? { driven[process.number] }

    /// What the engine of one process works with.
    func environment(of process: SimulatedProcess) -> EngineEnvironment? {
        guard let journal = journals[process.number] else { return nil }
        let dice = Dice(seed: seed, process: process.number)
        return EngineEnvironment(
            journal: journal, provider: SimulatedCloudClient(cloud, for: process),
            routers: routers.mapValues { SimulatedRouterClient($0, network: network, for: process) },
            assessor: SimulatedAssessor(setting.checks, cloud: cloud, for: process),
            inspector: SimulatedInspector(cloud, for: process), clock: process,
            evidence: SimulatedEvidence(isWritten: setting.writesEvidence) { [unowned self] text in
                monitor.requireNoSecret([text], "the evidence")
            },
            holder: process.holder,
            redact: {
                $0.split(separator: SimulatedCloud.secret, omittingEmptySubsequences: false)
                    .joined(separator: "[redacted]")
            },
            allowsLoopback: false, consistencyWindow: .seconds(15), random: { dice.roll() },
            requestPollInterval: setting.requestPollInterval, executor: executor)
    }

    // MARK: What is true

    /// The swap whose original or replacement an instance is.
    func history(of id: InstanceID) -> SimulatedStore.History? {
        let histories = store.histories.values.filter {
            $0.swap.plan.original.id == id || $0.swap.launched == id || $0.swap.replacement?.id == id
        }
        return histories.first { !$0.swap.state.isFinal } ?? histories.first
    }

    /// Whether a router is set to send an instance traffic, whatever its health.
    func isRouted(_ id: InstanceID, on name: RouterName) -> Bool {
        switch routers[name]?.status(of: id) {
        case .inService, .unhealthy: true
        case .draining, .disabled, nil: false
        }
    }

    func wasInService(_ id: InstanceID, on router: SimulatedRouter, within span: Span) -> Bool {
        stride(from: clock.now, through: clock.now - span.milliseconds, by: -100).contains {
            router.status(of: id, at: $0) == .inService
        }
    }

    func wasHealthy(_ id: InstanceID, within span: Span) -> Bool {
        guard let machine = cloud.machine(id) else { return false }
        return stride(from: clock.now, through: clock.now - span.milliseconds, by: -100).contains {
            machine.serves(at: $0)
        }
    }

    /// Whether no check of the bake counts for a swap, so that only the routers' own view is left.
    func hasNoCountedChecks(_ swap: Swap) -> Bool {
        !setting.checks.contains {
            $0.isEnforced && $0.phases.contains(.bake) && !swap.excusedChecks.contains($0.id)
        }
    }

    /// Ends every fault that can be mended; what is gone stays gone.
    func heal() {
        network.heal()
        cloud.heal()
        routers.sorted { $0.key < $1.key }.forEach { $0.value.heal() }
        store.fullUntil = 0
        store.failedSyncs = 0
        journals.sorted { $0.key < $1.key }.forEach { $0.value.heal() }
    }

    func noteVanished(_ id: InstanceID) { vanished.insert(id) }
}

extension World: SimulatedWitness {
    func callBegins(_ request: CallRequest, by process: SimulatedProcess) {
        transcript.note("P\(process.number) calls: \(request.summary)")
        monitor.callBegins(request, by: process)
    }

    func callRefused(_ request: CallRequest, by process: SimulatedProcess) {
        monitor.callRefused(request, by: process)
    }

    func callEnds(by process: SimulatedProcess) {
        monitor.callEnds(by: process)
    }

    func callTakesEffect(_ request: CallRequest) {
        transcript.note("   takes effect: \(request.summary)")
        monitor.callTakesEffect(request)
    }

    func launched(_ instance: Instance, by request: LaunchRequest) {
        transcript.note("   \(instance.id) is created")
        monitor.launched(instance)
    }

    func read(_ id: InstanceID, as instance: Instance?, by process: SimulatedProcess) {
        monitor.read(id, as: instance, by: process)
    }

    func suffered(_ fault: SimulatedFault) {
        transcript.note("!! \(fault.rawValue)")
        onFault(fault)
    }
}

/// The random numbers of one process.
final class Dice: @unchecked Sendable {
    private var random: SimulatedRandom

    init(seed: UInt64, process: Int) {
        random = SimulatedRandom(seed: seed, purpose: 1000 + UInt64(process))
    }

    func roll() -> Double { random.unit() }
}

/// Takes evidence and shows it to `read`; does not even make it unless asked to, since that costs most of a run.
struct SimulatedEvidence: EvidenceWriter {
    let isWritten: Bool
    let read: @Sendable (String) -> Void

    func write(_ name: String, of id: SwapID, _ text: () async throws -> String) async throws(EngineError) {
        guard isWritten else { return }
        do { read(try await text()) } catch {
            throw EngineError(.evidence, "cannot make \(name): \(error)", underlying: error)
        }
    }
}
