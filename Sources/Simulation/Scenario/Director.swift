import Engine
import Providers
import Workflow

/// Lets one swap happen in a world: starts processes, plays the operator, and brings faults about.
///
/// Its methods are called from the world's one thread only.
final class Director: @unchecked Sendable {
    /// How a process ended.
    enum Ending {
        case drove(DriveEnd)
        case failed(EngineError)
    }

    static let swapID = SwapID("s-1")
    private static let processLimit = 150

    let world: World
    let scenario: Scenario
    private var random: SimulatedRandom
    private(set) var coverage = Coverage()
    private(set) var hasEnded = false
    private(set) var isHealed = false
    /// The end in a word: a final state's name, `needsOperator`, or `notCreated`.
    private(set) var end = "notCreated"
    private var fired: Set<Int> = []
    private var tasks: [Int: Task<Void, Never>] = [:]
    private var living: Set<Int> = []
    private(set) var stateName = "planned"
    private var rivals = 0
    private var remedies = 0
    private var isStartPlanned = false

    init(world: World, scenario: Scenario) {
        self.world = world
        self.scenario = scenario
        random = SimulatedRandom(seed: scenario.seed, purpose: 2)
        world.onFault = { [unowned self] in coverage.hit($0.rawValue, in: stateName) }
        world.onRecord = { [unowned self] in recorded($0, before: $1, after: $2) }
    }

    func begin() {
        let process = world.startProcess(on: "bastion")
        run(process) { [self] (driver, environment) async throws(EngineError) in try await create(driver, environment) }
        world.clock.schedule(after: scenario.healsAfter) { [self] in heal() }
    }

    /// Ends every process, so that nothing of this world is left.
    func close() {
        for process in world.processes.values where process.isAlive { process.die() }
        world.clock.forgetCalls()
    }

    private var history: SimulatedStore.History? { world.store.histories[Self.swapID] }

    // MARK: Processes

    private func create(_ driver: SwapDriver, _ environment: EngineEnvironment) async throws(EngineError) -> Lease {
        let planner = Planner(
            provider: environment.provider, routers: environment.routers, inspector: environment.inspector,
            clock: environment.clock)
        let plan = try await planner.plan(
            for: world.setting.original, playbook: scenario.playbook, providerName: ProviderName("simulated"),
            checks: [])
        return try await driver.create(Self.swapID, plan: plan)
    }

    private func run(
        _ process: SimulatedProcess,
        _ begin: @escaping @Sendable (SwapDriver, EngineEnvironment) async throws(EngineError) -> Lease
    ) {
        guard let environment = world.environment(of: process) else { return }
        let driver = SwapDriver(environment: environment) { [world] notice in
            if case .recorded(let record, let swap) = notice { world.monitor.driverHolds(swap, after: record) }
            world.onNotice(notice)
        }
        let options = DriveOptions(
            approvesPolicyCheckpoints: isHealed || random.chance(0.5), waitsAtCheckpoints: random.chance(0.4),
            waitsForHold: isHealed || random.chance(0.6))
        world.note(process, drives: Self.swapID)
        living.insert(process.number)
        world.transcript.note("P\(process.number) starts on \(process.holder.host)")
        let task = Task(executorPreference: world.executor) { [self] in
            let ending: Ending
            do throws(EngineError) {
                ending = .drove(try await driver.drive(try await begin(driver, environment), options: options))
            } catch { ending = .failed(error) }
            ended(process, ending)
        }
        tasks[process.number] = task
        process.onDeath = { task.cancel() }
    }

    private func ended(_ process: SimulatedProcess, _ ending: Ending) {
        living.remove(process.number)
        tasks[process.number] = nil
        let isCrash = !process.isAlive
        world.transcript.note("P\(process.number) \(isCrash ? "is dead" : "ends: \(ending.summary)")")
        process.die()
        guard let state = history?.swap.state else {
            return startAgain(after: random.span(.seconds(1), .seconds(20)))
        }
        if state.isFinal {
            hasEnded = living.isEmpty
            end = state.name
            return
        }
        if case .failed(let error) = ending, error.code == .leaseHeld {
            // While the holder works nobody waits for it; what it leaves undone is taken up at its end.
            if let driver, driver.stalledUntil <= world.clock.now { return }
            return startAgain(after: random.span(.seconds(2), .seconds(40)))
        }
        guard living.isEmpty else { return }
        if isCrash { return startAgain(after: random.span(.milliseconds(5), .seconds(5))) }
        switch ending {
        case .drove(let end): goOn(after: end)
        case .failed: startAgain(after: random.span(.milliseconds(200), .seconds(10)))
        }
    }

    /// What the operator does once a driver has returned.
    private func goOn(after end: DriveEnd) {
        switch end {
        case .ended, .interrupted: startAgain(after: random.span(.milliseconds(200), .seconds(10)))
        case .paused: command(.resume, after: random.span(.seconds(1), .minutes(2)))
        case .atCheckpoint:
            let answer: OperatorCommand =
                isHealed || random.chance(0.7) ? .promote : random.pick([.rollback, .cancel, .approve]) ?? .rollback
            command(answer, after: random.span(.seconds(1), .minutes(2)))
        case .held:
            if random.chance(0.25) { return command(random.pick([.retire, .undo]) ?? .undo, after: .seconds(5)) }
            startAgain(after: random.span(.seconds(1), .minutes(1)))
        case .needsOperator: remedy()
        }
    }

    /// Tries what an operator tries; a swap that lost a machine for good may need one for ever.
    private func remedy() {
        remedies += isHealed ? 1 : 0
        if remedies > 8 {
            end = "needsOperator"
            hasEnded = true
            if world.vanished.isEmpty {
                world.monitor.fail(
                    15, "healed, and still in need of an operator: \(history.map { "\($0.swap.state)" } ?? "")")
            }
            return
        }
        let answer: OperatorCommand =
            if isHealed { [.resume, .rollback, .retire][(remedies - 1) / 2 % 3] } else if random.chance(0.7) {
                .resume
            } else {
                random.chance(0.5) ? .rollback : .cancel
            }
        command(answer, after: random.span(.seconds(1), .minutes(1)))
        // A command that the swap refuses leaves it as it is, and the next driver returns at once.
    }

    /// Posts a command and sees to it that somebody takes it up.
    private func command(_ command: OperatorCommand, after span: Span) {
        startAgain(after: span, posting: command)
    }

    private func startAgain(after span: Span, posting command: OperatorCommand? = nil) {
        guard !isStartPlanned, world.processes.count < Self.processLimit else { return }
        isStartPlanned = true
        world.clock.schedule(after: span) { [self] in
            isStartPlanned = false
            if let command { post(command) }
            start()
        }
    }

    private func start() {
        guard !hasEnded else { return }
        let isElsewhere = scenario.usesTwoHosts && random.chance(0.4)
        let process = world.startProcess(on: isElsewhere ? "laptop" : "bastion")
        if history == nil {
            run(process) { [self] (driver, environment) async throws(EngineError) in
                try await create(driver, environment)
            }
        } else {
            run(process) { (driver, _) async throws(EngineError) in try await driver.takeLease(of: Self.swapID) }
        }
    }

    private func post(_ command: OperatorCommand) {
        let request = OperatorRequest(command: command, author: "operator")
        world.transcript.note("operator: \(command.rawValue)")
        _ = try? world.store.post(request, for: Self.swapID, at: world.clock.wallTime)
    }

    // MARK: What befalls the swap

    private func recorded(_ record: JournalRecord, before: Swap?, after: Swap) {
        guard after.id == Self.swapID else { return }
        if case .operatorRequested(let request) = record.entry.event {
            coverage.hit(request.command.rawValue, in: before?.state.name ?? "planned")
            if after.pausedAt != nil, before?.pausedAt == nil {
                world.clock.schedule(after: random.span(.seconds(1), .minutes(3))) { [self] in post(.resume) }
            }
        }
        stateName = after.state.name
        if case .awaitingApproval = after.state, before?.state.name != stateName { answerCheckpoint() }
        guard before?.state.name != stateName else { return }
        for (index, injection) in scenario.injections.enumerated()
        where injection.state == stateName && !isHealed && fired.insert(index).inserted {
            if injection.delay == .zero {
                fire(injection)
            } else {
                world.clock.schedule(after: injection.delay) { [self] in fire(injection) }
            }
        }
    }

    private func fire(_ injection: Scenario.Injection) {
        guard !isHealed, !hasEnded else { return }
        switch injection.cause {
        case .command(let command): post(command)
        case .fault(let fault): inject(fault, injection)
        }
    }

    /// The operator decides at a checkpoint, sooner or later.
    private func answerCheckpoint() {
        let answer: OperatorCommand =
            isHealed || random.chance(0.7) ? .promote : random.pick([.rollback, .cancel, .approve]) ?? .rollback
        world.clock.schedule(after: random.span(.seconds(5), .minutes(3))) { [self] in
            guard !hasEnded, case .awaitingApproval = history?.swap.state else { return }
            post(isHealed ? .promote : answer)
        }
    }

    /// The process that holds the lease and lives.
    private var driver: SimulatedProcess? {
        guard let holder = history?.lease?.holder else { return nil }
        return world.processes.values.first { $0.holder == holder && $0.isAlive }
    }

    private func inject(_ fault: SimulatedFault, _ injection: Scenario.Injection) {
        switch fault {
        case .routerOutage, .routerRefusal, .slowRouterHealth, .partialShift:
            guard let name = random.pick(world.routeNames), let router = world.routers[name] else { return }
            router.inject(fault, for: injection.length)
        case .clockForward, .clockBack: jump(fault, injection)
        case .diskFull: world.store.fullUntil = world.clock.now + injection.length.milliseconds
        case .failedSync: world.store.failedSyncs += 1
        case .slowStore, .crashBeforeWrite, .crashAfterWrite:
            guard let driver else { return }
            world.journal(of: driver)?.await(fault, slowness: Span(milliseconds: injection.length.milliseconds * 4))
        case .crash, .interrupt, .stall, .rival: befall(fault, injection)
        case .vanishedReplacement, .vanishedOriginal, .protection, .foreignTag, .sickOriginal, .failingCheck,
            .flappingCheck, .warningCheck, .unmeasurableCheck, .slowBoot, .stuckBoot, .failedBoot, .unpatched:
            let target = target(of: fault)
            if let target, fault == .vanishedReplacement || fault == .vanishedOriginal { world.noteVanished(target) }
            world.cloud.inject(fault, on: target, for: injection.length)
        case .lostRequest, .lostAnswer, .duplicate, .slowAnswer, .garbledAnswer, .outage, .throttle,
            .expiredCredentials, .staleReads, .capacity, .quota, .slowStop:
            world.cloud.inject(fault, on: nil, for: injection.length)
        }
    }

    private func target(of fault: SimulatedFault) -> InstanceID? {
        let original = world.setting.original.id
        switch fault {
        case .sickOriginal, .vanishedOriginal: return original
        case .protection, .foreignTag: return random.chance(0.5) ? original : history?.swap.launched
        default: return history?.swap.launched ?? history?.swap.replacement?.id
        }
    }

    private func jump(_ fault: SimulatedFault, _ injection: Scenario.Injection) {
        let span = Span(milliseconds: injection.length.milliseconds * (random.chance(0.5) ? 1 : 100))
        world.suffered(fault)
        if fault == .clockForward {
            world.monitor.wallAhead = world.monitor.wallAhead + span
            world.clock.jump(by: span)
        } else {
            world.clock.jump(by: Span(milliseconds: -span.milliseconds))
        }
    }

    private func befall(_ fault: SimulatedFault, _ injection: Scenario.Injection) {
        switch fault {
        case .rival:
            world.suffered(fault)
            rival()
        case .crash:
            guard let driver else { return }
            world.suffered(fault)
            driver.die()
        case .interrupt:
            guard let driver else { return }
            world.suffered(fault)
            tasks[driver.number]?.cancel()
        case .stall:
            guard let driver else { return }
            world.suffered(fault)
            driver.stall(until: world.clock.now + injection.length.milliseconds * 8)
            world.clock.schedule(after: random.span(.seconds(1), .minutes(2))) { [self] in start() }
        default: break
        }
    }

    /// Somebody else wants to drive this swap, or to swap one of its instances.
    private func rival() {
        guard random.chance(0.5), let plan = history?.swap.plan else { return start() }
        var other = plan
        if let launched = history?.swap.launched, random.chance(0.5), let machine = world.cloud.machine(launched) {
            other.original = machine.instance
        }
        rivals += 1
        let id = SwapID("s-rival-\(rivals)")
        let process = world.startProcess(on: "laptop")
        guard let environment = world.environment(of: process) else { return }
        let otherPlan = other
        Task(executorPreference: world.executor) {
            _ = try? await SwapDriver(environment: environment) { _ in }.create(id, plan: otherPlan)
            process.die()
        }
    }

    /// Ends every fault that can be mended; from here on the operator does what is right.
    func heal() {
        guard !hasEnded, !isHealed else { return }
        world.transcript.note("faults stop; what can be mended is mended")
        isHealed = true
        world.heal()
        // A driver that finds the swap paused waits for whoever resumes it; that request may have met a full disk.
        if history?.swap.pausedAt != nil { post(.resume) }
        if living.isEmpty {
            startAgain(after: .seconds(1))
        } else if history?.swap.pausedAt == nil, case .awaitingApproval = history?.swap.state {
            post(.promote)
        }
    }
}

extension Director.Ending {
    fileprivate var summary: String {
        switch self {
        case .failed(let error): "\(error)"
        case .drove(let end):
            switch end {
            case .ended: "ended"
            case .held: "held"
            case .atCheckpoint: "at a checkpoint"
            case .paused: "paused"
            case .needsOperator: "needs an operator"
            case .interrupted: "interrupted"
            }
        }
    }
}
