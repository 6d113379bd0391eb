import Engine
import Providers
import Workflow

/// Watches a simulated world from outside and says when one of the 16 invariants does not hold.
///
/// It trusts nothing that the program under test says where it can look at the truth itself: what is in service, what
/// runs, who holds a lease and what is durable are all read from the world.
final class InvariantMonitor: @unchecked Sendable {
    /// The longest a call may take, with what is left for recording it (invariant 8).
    static let callTimeout = Span.seconds(45)
    static let callMargin = Span.seconds(1)
    /// How old a look at instances, members or health may be that a destructive call relies on.
    static let recent = Span.seconds(60)
    /// How old a fact may be that a look just before a call would have shown.
    static let fresh = Span.seconds(8)

    unowned let world: World
    private(set) var violation: Violation?
    private var reads: [String: (at: Int64, owner: String?)] = [:]
    private var callsUnderWay: [Int: (since: Int64, request: CallRequest)] = [:]
    private var created: [String: Int] = [:]
    private var terminated: Set<InstanceID> = []
    private var effects = 0
    /// The intents whose call was refused for good, with the process that was told so.
    private var refused: Set<String> = []
    private var lastEpochs: [SwapID: Int] = [:]
    private var moments: [SwapID: Moments] = [:]
    /// How far the wall clock was set ahead, in all.
    var wallAhead = Span.zero
    /// Whether records are also written out and read back, which costs far more than all the rest.
    var readsBack = false

    /// When a swap came where, on the world's clock.
    struct Moments {
        var baking: Int64?
        var holding: Int64?
        var healthy: Int64?
        var retireAsked = false
        var checkpointPassed = false
        var cancelled = false
    }

    init(world: World) {
        self.world = world
    }

    var now: Int64 { world.clock.now }

    func fail(_ invariant: Int, _ detail: String) {
        guard violation == nil else { return }
        violation = Violation(invariant: invariant, detail: detail)
        world.transcript.note("VIOLATION of invariant \(invariant): \(detail)")
    }

    // MARK: Calls

    func callBegins(_ request: CallRequest, by process: SimulatedProcess) {
        guard let id = world.swap(drivenBy: process), let history = world.store.histories[id] else {
            return fail(1, "\(request.summary) by a process that drives no swap")
        }
        callsUnderWay[process.number] = (now, request)
        let wanted = request.normalized
        let intents = history.openIntents.filter { $0.value == wanted }.map(\.key)
        if intents.isEmpty { fail(1, "\(request.summary) without a durable intent") }
        if !intents.isEmpty, intents.allSatisfy({ refused.contains("\(process.number) \(id) \($0)") }) {
            fail(1, "\(request.summary) again, although it was refused for good: that was the intent's outcome")
        }
        let need = now + (Self.callTimeout + Self.callMargin).milliseconds
        if history.lease?.holder != process.holder {
            fail(8, "\(request.summary) by \(process.holder), which does not hold the lease")
        } else if let end = history.lease?.expiresAtMonotonicMilliseconds, end < need {
            fail(8, "\(request.summary) begins \(end - now) ms before the end of its lease")
        }
        if moments[id]?.cancelled == true { requireCompensating(request, of: history.swap) }
        switch request {
        case .stop(let target), .terminate(let target): requireOwnership(of: target, by: process, history.swap)
        case .launch(let launch): requireTags(launch, of: history.swap)
        case .start, .tag, .traffic, .snapshot, .update, .reboot, .restore, .deleteSnapshot: break
        }
    }

    /// A definite refusal is the outcome of an intent; another attempt needs another intent.
    func callRefused(_ request: CallRequest, by process: SimulatedProcess) {
        guard let id = world.swap(drivenBy: process), let history = world.store.histories[id] else { return }
        for (number, intended) in history.openIntents where intended == request.normalized {
            refused.insert("\(process.number) \(id) \(number)")
        }
    }

    func callEnds(by process: SimulatedProcess) {
        guard let call = callsUnderWay.removeValue(forKey: process.number) else { return }
        let took = now - call.since
        let stalled = process.stalledUntil >= call.since
        if process.isAlive, !stalled, took > (Self.callTimeout + Self.callMargin).milliseconds {
            fail(8, "\(call.request.summary) took \(took) ms, longer than any call may")
        }
    }

    private func requireOwnership(of target: InstanceID, by process: SimulatedProcess, _ swap: Swap) {
        guard target == swap.plan.original.id || target == swap.launched || target == swap.replacement?.id else {
            return fail(10, "\(target) is neither of the plan nor of a recorded launch")
        }
        guard let read = reads["\(process.number) \(target)"], now - read.at <= 50_000 else {
            return fail(10, "\(target) is to be stopped or terminated and was not read just before")
        }
        if read.owner != swap.id.rawValue {
            fail(10, "\(target) is to be stopped or terminated and was read as owned by \(read.owner ?? "nobody")")
        }
    }

    private func requireTags(_ launch: LaunchRequest, of swap: Swap) {
        let tags = launch.ownershipTags
        if tags[OwnershipTag.swap] != swap.id.rawValue || tags[OwnershipTag.token] != launch.token.rawValue
            || tags[OwnershipTag.role] == nil
        {
            fail(16, "a launch without all ownership tags")
        }
    }

    private func requireCompensating(_ request: CallRequest, of swap: Swap) {
        let original = swap.plan.original.id
        let isCompensating =
            switch request {
            case .launch: false
            case .stop: false
            case .start(let id): id == original
            case .terminate(let id): id != original
            case .tag, .restore, .deleteSnapshot: true
            case .snapshot, .update, .reboot: false
            case .traffic(_, let change):
                switch change.action {
                case .register: false
                case .restore: change.instance == original
                case .drain, .remove: change.instance != original
                }
            }
        if !isCompensating { fail(14, "\(request.summary) after the swap was cancelled") }
    }

    func read(_ id: InstanceID, as instance: Instance?, by process: SimulatedProcess) {
        reads["\(process.number) \(id)"] = (now, instance?.tags[OwnershipTag.swap])
    }

    func launched(_ instance: Instance) {
        guard let owner = instance.tags[OwnershipTag.swap], instance.tags[OwnershipTag.token] != nil else {
            return fail(16, "\(instance.id) was created without ownership tags")
        }
        created[owner, default: 0] += 1
        if created[owner] != 1 { fail(2, "\(owner) created \(created[owner] ?? 0) instances") }
        if moments[SwapID(owner)]?.cancelled == true, world.store.histories[SwapID(owner)]?.swap.state.isFinal == true {
            fail(13, "\(instance.id) came to be after its launch was proven absent")
        }
    }

    func callTakesEffect(_ request: CallRequest) {
        // A launch counts by what it created: the answer that it was refused may have been lost and asked for again.
        if case .launch = request {} else { effects += 1 }
        switch request {
        case .traffic(let router, let change) where change.action == .drain || change.action == .remove:
            requireService(without: change.instance, on: [router])
        case .stop(let id): requireService(without: id, on: world.routeNames)
        case .terminate(let id):
            // Machines that are stopped or gone already are not ended by this call.
            guard let instance = world.cloud.machine(id)?.instance, !instance.isTerminationProtected,
                instance.state != .terminated, instance.state != .terminating
            else { return }
            requireService(without: id, on: world.routeNames)
            requireTerminate(id)
        case .launch, .start, .tag, .traffic, .snapshot, .update, .reboot, .restore, .deleteSnapshot: break
        }
    }

    /// Invariant 3: taking an instance out leaves as many in service as there must be.
    private func requireService(without id: InstanceID, on routers: [RouterName]) {
        for name in routers {
            guard let router = world.routers[name], router.status(of: id) == .inService else { continue }
            let minimum = world.minimumInService
            guard router.inServiceCount() >= minimum else { continue }
            // What was so a moment ago may have changed since the last look; only what a look would have shown counts.
            let wasEnough = (0...Self.fresh.milliseconds / 50).contains { step in
                router.inServiceCount(without: id, at: now - step * 50) >= minimum
            }
            if !wasEnough {
                fail(3, "taking \(id) out leaves \(name) with \(router.inServiceCount() - 1) of \(minimum) in service")
            }
        }
    }

    private func requireTerminate(_ id: InstanceID) {
        guard let history = world.history(of: id) else {
            return fail(10, "\(id), which no swap knows, is being terminated")
        }
        let swap = history.swap
        terminated.insert(id)
        if terminated.contains(swap.plan.original.id), let replacement = swap.launched, terminated.contains(replacement)
        {
            fail(5, "\(swap.id) terminates both of its instances")
        }
        if id == swap.plan.original.id { requireRetirable(swap) } else { requireServed(swap, without: id) }
    }

    /// Invariant 4: what must be so before the original is terminated.
    private func requireRetirable(_ swap: Swap) {
        guard let moments = moments[swap.id], moments.baking != nil else {
            return fail(4, "the original is terminated without promote and bake")
        }
        let held = moments.holding.map { now - $0 + wallAhead.milliseconds } ?? 0
        if !moments.retireAsked, held + 1000 < swap.plan.policy.hold.milliseconds {
            fail(4, "the original is terminated \(held) ms into a hold of \(swap.plan.policy.hold.text)")
        }
        guard let replacement = swap.launched else { return fail(4, "there is no replacement") }
        if !world.wasHealthy(replacement, within: Self.recent) && !world.hasNoCountedChecks(swap) {
            fail(4, "the original is terminated and the replacement was not healthy within \(Self.recent.text)")
        }
        for name in swap.plan.routes.map(\.name) {
            guard let router = world.routers[name] else { continue }
            if !world.wasInService(replacement, on: router, within: Self.recent) {
                fail(4, "the original is terminated and \(name) does not send the replacement traffic")
            }
            if let status = router.status(of: swap.plan.original.id), status != .disabled {
                fail(4, "the original is terminated while \(name) has it as \(status.rawValue)")
            }
        }
    }

    /// Invariant 6: what must be so before a replacement that served is terminated.
    private func requireServed(_ swap: Swap, without replacement: InstanceID) {
        if moments[swap.id]?.baking != nil, let original = world.cloud.machine(swap.plan.original.id),
            original.instance.state != .running, !world.wasHealthy(original.instance.id, within: Self.fresh)
        {
            fail(
                6,
                "the replacement, which served, is terminated while the original is "
                    + original.instance.state.rawValue)
        }
        for name in swap.plan.routes.map(\.name) {
            guard let router = world.routers[name], let status = router.status(of: replacement) else { continue }
            if status != .disabled {
                fail(6, "the replacement is terminated while \(name) has it as \(status.rawValue)")
            }
            if !world.wasInService(swap.plan.original.id, on: router, within: Self.recent) {
                fail(6, "the replacement is terminated and \(name) does not send the original traffic")
            }
        }
    }

    // MARK: Records

    func recorded(_ record: JournalRecord, before: Swap?, after: Swap) {
        if record.epoch < lastEpochs[after.id] ?? 0 {
            fail(7, "record \(record.sequence) has epoch \(record.epoch) after \(lastEpochs[after.id] ?? 0)")
        }
        if record.epoch != world.store.histories[after.id]?.lease?.epoch {
            fail(7, "record \(record.sequence) was appended under the stale epoch \(record.epoch)")
        }
        lastEpochs[after.id] = record.epoch
        note(record, before: before, after: after)
        requireProof(record.entry.event, after)
        requireNoSecret(record.entry.reasons, "a reason")
        if case .callFailed(_, let failure) = record.entry.event { requireNoSecret([failure.detail], "a failed call") }
        if case .observationFailed(_, let reason) = record.entry.event { requireNoSecret([reason], "an observation") }
        if record.entry.summary != after.summary {
            fail(12, "the summary of record \(record.sequence) is not its replay's")
        }
        if readsBack { requireReadable(record) }
        requireSingleClaims()
        if after.state.isFinal, before?.state.isFinal != true { requireEnd(after) }
    }

    /// What the driver holds after a record must be what a replay gives (invariant 12).
    func driverHolds(_ swap: Swap, after record: JournalRecord) {
        guard let history = world.store.histories[swap.id], history.records.count == record.sequence else { return }
        if history.swap != swap { fail(12, "the driver's state after record \(record.sequence) is not its replay's") }
        if history.swap.effects != swap.effects { fail(12, "the effects after record \(record.sequence) differ") }
    }

    func requireNoSecret(_ texts: [String], _ place: String) {
        for text in texts where text.contains(SimulatedCloud.secret) { fail(16, "\(place) has a secret: \(text)") }
    }

    private func note(_ record: JournalRecord, before: Swap?, after: Swap) {
        var known = moments[after.id] ?? Moments()
        if before?.state.name != after.state.name {
            switch after.state {
            case .baking: known.baking = now
            case .holding where before?.state.name == "stoppingOriginal":
                // A slow store writes later than the original was seen to be stopped, which is when the hold begins.
                known.holding = now - max(0, world.clock.wallTime.since(record.entry.at).milliseconds)
            case .stoppingOriginal: requireBaked(known, record.entry.event, after)
            default: break
            }
        }
        if case .operatorRequested(let request) = record.entry.event, before?.refusal(of: request.command) == nil {
            switch request.command {
            case .retire:
                // Who asks for the end of the original after a cancel has changed their mind.
                (known.retireAsked, known.cancelled) = (true, false)
            case .approve, .promote: known.checkpointPassed = true
            case .cancel: known.cancelled = true
            case .rollback, .pause, .resume, .undo: break
            }
        }
        moments[after.id] = known
    }

    private func requireBaked(_ known: Moments, _ event: SwapEvent, _ swap: Swap) {
        if case .operatorRequested(let request) = event, request.command == .approve || request.command == .promote {
            return
        }
        guard let start = known.baking else { return fail(4, "the original is stopped without a bake") }
        if now - start + 50 < swap.plan.policy.bake.milliseconds {
            fail(4, "the bake ended after \(now - start) ms of \(swap.plan.policy.bake.text)")
        }
    }

    /// Invariant 13: what is said to be gone is gone, and what is said never to have been created never is.
    private func requireProof(_ event: SwapEvent, _ swap: Swap) {
        switch event {
        case .observed(.terminated(let id), _):
            if let state = world.cloud.machine(id)?.instance.state, state != .terminated {
                fail(13, "\(id) was taken for terminated while it is \(state.rawValue)")
            }
        case .observed(.stopped(let id), _):
            let state = world.cloud.machine(id)?.instance.state
            if state != .stopped && state != .terminated {
                fail(13, "\(id) was taken for stopped while it is \(state?.rawValue ?? "gone")")
            }
        case .observed(.launchSettled, nil):
            if (created[swap.id.rawValue] ?? 0) > 0 {
                fail(13, "the launch of \(swap.id) was taken for void while its instance exists")
            }
        default: break
        }
    }

    private func requireReadable(_ record: JournalRecord) {
        guard let text = try? CanonicalJSON.text(of: record) else { return fail(12, "a record cannot be written") }
        requireNoSecret([text], "a record")
        if CanonicalJSON.value(JournalRecord.self, from: text) != record {
            fail(12, "record \(record.sequence) is not the same after it was read back")
        }
    }

    /// Invariant 9: no instance and no place in a router belongs to two live swaps.
    private func requireSingleClaims() {
        guard world.store.histories.count > 1 else { return }
        var owners: [InstanceID: SwapID] = [:]
        for (id, history) in world.store.histories where !history.swap.state.isFinal {
            for instance in [history.swap.plan.original.id, history.swap.launched].compactMap(\.self) {
                if let other = owners.updateValue(id, forKey: instance), other != id {
                    fail(9, "\(instance) belongs to two live swaps")
                }
            }
        }
    }

    /// Invariant 11: an end is what its name says, and leaves nothing tagged as its own that it did not keep on purpose.
    private func requireEnd(_ swap: Swap) {
        for id in world.cloud.machines.keys.sorted() {
            guard let instance = world.cloud.machine(id)?.instance, instance.state != .terminated,
                instance.tags[OwnershipTag.swap] == swap.id.rawValue, instance.tags[OwnershipTag.role] != "kept"
            else { continue }
            fail(11, "\(swap.state.name) while \(id) is \(instance.state.rawValue) and still tagged as the swap's")
        }
        switch swap.state {
        case .succeeded(let replacement): requireSuccess(swap, replacement.id)
        case .rolledBack(_, let kept): requireOriginal(swap, kept: kept)
        case .cancelled(let remaining):
            if remaining.isEmpty { fail(11, "cancelled without a list of what remains") }
            requireOriginal(swap, kept: nil)
        case .refused:
            if (created[swap.id.rawValue] ?? 0) > 0 { fail(11, "refused although an instance was launched") }
            if effects > 0 && world.store.histories.count == 1 { fail(11, "refused after \(effects) calls") }
        default: break
        }
    }

    private func requireSuccess(_ swap: Swap, _ replacement: InstanceID) {
        let state = world.cloud.machine(swap.plan.original.id)?.instance.state
        if state != .terminated { fail(11, "succeeded while the original is \(state?.rawValue ?? "unknown")") }
        for name in swap.plan.routes.map(\.name) where !world.isRouted(replacement, on: name) {
            fail(11, "succeeded while \(name) does not route to the replacement")
        }
    }

    private func requireOriginal(_ swap: Swap, kept: InstanceID?) {
        let original = swap.plan.original.id
        if let machine = world.cloud.machine(original), !world.vanished.contains(original),
            machine.instance.state != .running
        {
            fail(11, "\(swap.state.name) while the original is \(machine.instance.state.rawValue)")
        }
        for name in swap.plan.routes.map(\.name) where !world.isRouted(original, on: name) {
            fail(11, "\(swap.state.name) while \(name) does not route to the original")
        }
        guard let replacement = swap.launched, let machine = world.cloud.machine(replacement) else { return }
        let isGone = machine.instance.state == .terminated
        if kept == nil && !isGone {
            fail(11, "\(swap.state.name) while the replacement is \(machine.instance.state.rawValue)")
        }
        for name in swap.plan.routes.map(\.name) where world.isRouted(replacement, on: name) {
            fail(11, "\(swap.state.name) while \(name) still routes to the replacement")
        }
    }
}
