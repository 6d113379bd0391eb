import Engine
import Providers
import Workflow

/// Plays the operator of a rehearsal: types `swap`, answers at checkpoints, and after a death goes on with `resume`.
///
/// Its methods are called from the world's one thread only.
final class RehearsalDirector: @unchecked Sendable {
    typealias Report = RehearsalReport

    static let swapID = SwapID("rehearsal")
    private static let rivalID = SwapID("rehearsal-of-somebody-else")
    private static let author = "the rehearsal"
    /// The most processes that are started for one swap.
    private static let runLimit = 40

    let world: World
    private let rehearsal: Rehearsal
    private var random: SimulatedRandom
    private(set) var hasEnded = false
    private(set) var stateName = "planned"
    private var moments: [Report.Moment] = []
    private var runs: [Report.Run] = []
    private var faults: [Report.Fault]
    private var tasks: [Int: Task<Void, Never>] = [:]
    private var signals: [Int: Int32] = [:]
    /// The processes that have not ended, by number.
    private var living: Set<Int> = []
    /// Those of them whose operator is being asked something.
    private var asking: Set<Int> = []
    private var plannedStarts = 0

    init(world: World, rehearsal: Rehearsal) {
        self.world = world
        self.rehearsal = rehearsal
        random = SimulatedRandom(seed: rehearsal.seed, purpose: 3)
        faults = rehearsal.faults.map { Report.Fault(fault: $0) }
        world.onFault = { [unowned self] in bit($0) }
        world.onRecord = { [unowned self] in recorded($0, before: $1, after: $2) }
    }

    func begin() { start(.swap) }

    /// Ends every process, so that nothing of this world is left.
    func close() {
        for process in world.processes.values where process.isAlive { process.die() }
    }

    func report(isBrokenOff: Bool) -> RehearsalReport {
        let original = world.setting.original.id
        let ids = [original] + world.cloud.machines.keys.filter { $0 != original }.sorted()
        let machines = ids.compactMap { id in
            world.cloud.machine(id).map { machine in
                Report.Machine(
                    instance: machine.instance, isOriginal: id == original,
                    traffic: world.routers.compactMapValues { $0.status(of: id) })
            }
        }
        return RehearsalReport(
            seed: rehearsal.seed, moments: moments, runs: runs, faults: faults, swap: history?.swap,
            machines: machines, violation: world.monitor.violation, isBrokenOff: isBrokenOff, length: now)
    }

    private var now: Span { Span(milliseconds: world.clock.now) }
    private var history: SimulatedStore.History? { world.store.histories[Self.swapID] }

    private func note(_ kind: Report.Moment.Kind) {
        moments.append(Report.Moment(at: now, kind: kind))
    }

    // MARK: Processes

    private func start(_ command: Report.Command) {
        let process = world.startProcess(on: command == .rivalSwap ? "laptop" : "bastion")
        let number = process.number
        guard let environment = world.environment(of: process) else { return }
        runs.append(Report.Run(number: number, command: command, start: now, end: nil))
        note(.started(run: number, command))
        let driver = SwapDriver(environment: environment) { [unowned self] in heard($0) }
        world.note(process, drives: command == .rivalSwap ? Self.rivalID : Self.swapID)
        living.insert(number)
        let task = Task(executorPreference: world.executor) { [self] in
            let ending = await work(command, process, driver, environment)
            ended(process, process.isAlive ? ending : .killed(signal: signals[number] ?? 9))
        }
        tasks[number] = task
        process.onDeath = { task.cancel() }
    }

    private func heard(_ notice: DriverNotice) {
        switch notice {
        case .recorded(let record, let swap): world.monitor.driverHolds(swap, after: record)
        case .line(let line): if line.source == "engine" { note(.logged(line.text)) }
        case .check, .timed: break
        }
    }

    /// What one process does, from what was typed to its end.
    private func work(
        _ command: Report.Command, _ process: SimulatedProcess, _ driver: SwapDriver, _ environment: EngineEnvironment
    ) async -> Report.Ending {
        var isDriving = false
        do throws(EngineError) {
            var lease: Lease
            switch command {
            case .swap, .rivalSwap:
                let plan = try await plan(in: environment)
                let obstacles = plan.findings.filter { $0.severity == .obstacle }
                guard obstacles.isEmpty else { return .obstructed(obstacles) }
                lease = try await driver.create(command == .swap ? Self.swapID : Self.rivalID, plan: plan)
            case .resume, .resumeDue: lease = try await driver.takeLease(of: Self.swapID)
            case .lever(let lever):
                try post(lever)
                lease = try await driver.takeLease(of: Self.swapID)
            }
            while true {
                isDriving = true
                let end = try await driver.drive(lease, options: DriveOptions())
                isDriving = false
                guard command == .swap, case .atCheckpoint(let swap) = end, rehearsal.approves else {
                    return .drove(end)
                }
                guard try await answer(swap, process) else { return .drove(end) }
                lease = try await driver.takeLease(of: Self.swapID)
            }
        } catch {
            return .failed(error, whileDriving: isDriving)
        }
    }

    private func plan(in environment: EngineEnvironment) async throws(EngineError) -> Plan {
        let planner = Planner(
            provider: environment.provider, routers: environment.routers, inspector: environment.inspector,
            clock: environment.clock)
        return try await planner.plan(
            for: world.setting.original, playbook: rehearsal.playbook,
            providerName: rehearsal.playbook.provider ?? ProviderName("simulated"), checks: [])
    }

    /// The person at the terminal reads and answers; `false` when the process does not live to hear it.
    private func answer(_ swap: Swap, _ process: SimulatedProcess) async throws(EngineError) -> Bool {
        asking.insert(process.number)
        defer { asking.remove(process.number) }
        do { try await process.sleep(for: random.span(.seconds(20), .minutes(2))) } catch { return false }
        let command = Self.answer(to: swap, typed: false)
        note(.answered(command, run: process.number))
        try post(command)
        return true
    }

    /// What a sensible person answers: nobody promotes what could not be measured, unless the original is known to
    /// fail.
    private static func answer(to swap: Swap, typed: Bool) -> OperatorCommand {
        guard case .awaitingApproval(let checkpoint) = swap.state else { return .resume }
        switch checkpoint.cause {
        case .inconclusive: return swap.excusedChecks.isEmpty ? .rollback : .promote
        case .policy, .warning: return typed ? .approve : .promote
        }
    }

    private func post(_ command: OperatorCommand) throws(EngineError) {
        let request = OperatorRequest(command: command, author: Self.author)
        do { _ = try world.store.post(request, for: Self.swapID, at: world.clock.wallTime) } catch {
            throw EngineError(error)
        }
    }

    private func ended(_ process: SimulatedProcess, _ ending: Report.Ending) {
        let number = process.number
        living.remove(number)
        tasks[number] = nil
        process.die()
        for index in runs.indices where runs[index].number == number {
            runs[index].end = (now, ending)
            note(.ended(run: number, runs[index].command, ending))
        }
        if living.isEmpty && plannedStarts == 0 { goOn() }
    }

    /// What the operator does once no process is left.
    private func goOn() {
        guard let swap = history?.swap, runs.count < Self.runLimit else { return finish() }
        let moment = random.span(.seconds(5), .seconds(40))
        if case .needsOperator = swap.state { return finish() }
        // Whoever saw a process die or fail asks how the swap stands, even when it is done.
        if runs.last?.hasFailed == true { return start(.resume, after: moment) }
        if swap.state.isFinal { return finish() }
        switch swap.state {
        case .holding(let hold) where hold.confirmation == nil:
            guard rehearsal.goesToEnd else { return finish() }
            let left = hold.until.since(world.clock.wallTime)
            start(.resumeDue, after: max(left, .zero) + moment)
        case .awaitingApproval, .awaitingFallback, .awaitingUncordon:
            guard rehearsal.approves else { return finish() }
            start(.lever(Self.answer(to: swap, typed: true)), after: moment)
        case .planned, .preflight, .launching, .booting, .patching, .verifying, .promoting, .baking,
            .stoppingOriginal, .holding, .terminatingOriginal, .succeeded, .rollingBack, .retiringReplacement,
            .rolledBack, .cancelled, .refused, .needsOperator, .cordoning, .snapshotting, .updating, .rebooting,
            .verifyingUpdate, .uncordoning, .restoringSnapshot, .updated:
            start(.resume, after: moment)
        }
    }

    private func finish() { hasEnded = true }

    private func start(_ command: Report.Command, after span: Span) {
        plannedStarts += 1
        world.clock.schedule(after: span) { [self] in
            plannedStarts -= 1
            start(command)
        }
    }
}

// MARK: What befalls the swap

extension RehearsalDirector {
    private func bit(_ fault: SimulatedFault) {
        var isFirst = true
        for index in faults.indices where faults[index].fault.fault == fault && faults[index].releasedAt != nil {
            isFirst = isFirst && faults[index].first == nil
            if faults[index].first == nil { faults[index].first = (now, stateName) }
            faults[index].count += 1
        }
        if isFirst { note(.fault(fault)) }
    }

    private func recorded(_ record: JournalRecord, before: Swap?, after: Swap) {
        guard after.id == Self.swapID else { return }
        let isNewState = before?.state.name != after.state.name
        note(.recorded(record, isNewState: isNewState, after))
        stateName = after.state.name
        let looksAgain = after.isAtLastLook && before?.isAtLastLook != true
        for index in faults.indices where faults[index].fault.state == stateName && faults[index].releasedAt == nil {
            let (fault, state) = (faults[index].fault.fault, stateName)
            // Nobody drives during a hold: only what lasts is let loose at its beginning, all else at its end.
            guard state == "holding" && !fault.lasts ? looksAgain : isNewState else { continue }
            faults[index].releasedAt = now
            guard fault.comesInBetween else {
                release(fault, in: state)
                continue
            }
            world.clock.schedule(after: random.span(.milliseconds(20), .milliseconds(600))) { [self] in
                if !hasEnded { release(fault, in: state) }
            }
        }
    }

    /// The newest process of the operator that is at work.
    private var worker: SimulatedProcess? {
        let run = runs.last { $0.command != .rivalSwap && living.contains($0.number) }
        return run.flatMap { world.processes[$0.number] }
    }

    private func release(_ fault: SimulatedFault, in state: String) {
        let length = fault.rehearsedLength
        switch fault {
        case .routerOutage, .routerRefusal, .slowRouterHealth, .partialShift:
            world.routeNames.first.flatMap { world.routers[$0] }?.inject(fault, for: length)
        case .clockForward:
            world.suffered(fault)
            world.monitor.wallAhead = world.monitor.wallAhead + length
            world.clock.jump(by: length)
        case .clockBack:
            world.suffered(fault)
            world.clock.jump(by: Span(milliseconds: -length.milliseconds))
        case .diskFull: world.store.fullUntil = world.clock.now + length.milliseconds
        case .failedSync: world.store.failedSyncs += 1
        case .slowStore, .crashBeforeWrite, .crashAfterWrite:
            if let worker { world.journal(of: worker)?.await(fault, slowness: length) }
        case .crash, .interrupt, .stall, .rival: befall(fault, length)
        case .vanishedReplacement, .vanishedOriginal, .protection, .foreignTag, .sickOriginal, .failingCheck,
            .flappingCheck, .warningCheck, .unmeasurableCheck, .slowBoot, .stuckBoot, .failedBoot, .unpatched:
            let target = target(of: fault, in: state)
            if let target, fault == .vanishedReplacement || fault == .vanishedOriginal { world.noteVanished(target) }
            world.cloud.inject(fault, on: target, for: length)
        case .lostRequest, .lostAnswer, .duplicate, .slowAnswer, .garbledAnswer, .outage, .throttle,
            .expiredCredentials, .staleReads, .capacity, .quota, .slowStop:
            world.cloud.inject(fault, on: nil, for: length)
        }
    }

    private func target(of fault: SimulatedFault, in state: String) -> InstanceID? {
        let original = world.setting.original.id
        switch fault {
        case .sickOriginal, .vanishedOriginal: return original
        case .protection, .foreignTag:
            let concernsOriginal = ["stoppingOriginal", "holding", "terminatingOriginal"].contains(state)
            return concernsOriginal ? original : history?.swap.launched
        default: return history?.swap.launched
        }
    }

    private func befall(_ fault: SimulatedFault, _ length: Span) {
        switch fault {
        case .rival:
            world.suffered(fault)
            start(.rivalSwap)
        case .crash:
            guard let worker else { return }
            world.suffered(fault)
            worker.die()
        case .interrupt:
            guard let worker else { return }
            world.suffered(fault)
            guard asking.contains(worker.number) else { return tasks[worker.number]?.cancel() ?? () }
            // While it asks, nothing is driven, and Ctrl-C ends the process at once.
            signals[worker.number] = 2
            worker.die()
        case .stall:
            guard let worker else { return }
            world.suffered(fault)
            worker.stall(until: world.clock.now + length.milliseconds)
            start(.resume, after: random.span(.seconds(100), .seconds(150)))
        default: break
        }
    }
}

extension RehearsalReport.Run {
    /// Whether its operator does not know how the swap stands.
    fileprivate var hasFailed: Bool {
        guard command != .rivalSwap else { return false }
        switch end?.ending {
        case .failed, .killed: return true
        case .drove, .obstructed, nil: return false
        }
    }
}

extension Swap {
    /// Whether the hold has ended and the replacement is being looked at once more.
    fileprivate var isAtLastLook: Bool {
        if case .holding(let hold) = state { return hold.confirmation != nil }
        return false
    }
}
