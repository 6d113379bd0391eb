import Workflow

/// Waits until something can be seen to be true; reads only.
struct ObservationWaiter: Sendable {
    let environment: EngineEnvironment
    let swap: Swap
    let log: LogWriter
    let time: TimeAccount
    let sight: LastSight

    /// What one look gave.
    private enum Look {
        case satisfied(Instance?)
        /// With what was seen instead, in words.
        case notYet(String)
        case impossible(String)
        /// Something else than the plain truth or impossibility of what was waited for.
        case event(SwapEvent)
    }

    private var plan: Plan { swap.plan }

    /// What fully patched means in this swap.
    private var patch: PatchPolicy {
        swap.strategy == .inPlace ? plan.update?.patch ?? plan.launch.patch : plan.launch.patch
    }

    /// Looks again and again, quickly at first, until the answer is final; throws only when cancelled.
    func wait(for observation: Observation) async throws -> SwapEvent {
        defer { sight.end(observation) }
        let start = environment.clock.monotonicMilliseconds()
        var wait: Int64 = 40
        var memory = Memory()
        var pause = Span.zero
        while true {
            try Task.checkCancellation()
            let now = environment.clock.monotonicMilliseconds()
            time.beginWait()
            let seen = await look(observation, elapsed: Span(milliseconds: now - start), memory: &memory)
            time.endWait()
            switch seen {
            case .satisfied(let instance): return .observed(observation, instance: instance)
            case .impossible(let reason):
                return .observationFailed(observation, reason: environment.redact(reason))
            case .event(let event): return event
            case .notYet(let seen):
                sight.note(environment.redact(seen), for: observation)
                time.add(pause)
            }
            let end = environment.clock.monotonicMilliseconds()
            try await environment.clock.sleep(for: .milliseconds(wait))
            pause = Span(milliseconds: environment.clock.monotonicMilliseconds() - end)
            wait = min(wait * 3 / 2, environment.longestPause.milliseconds)
        }
    }

    private static let unseen = "not to be seen"

    /// What earlier looks left behind.
    private struct Memory {
        var unpatchedReads = 0
        var console = ConsoleCursor()
        var lastProblem = ""
        var update: UpdateOutput?
        /// Since when an instance that should run has been seen not to.
        var standingSince: Int64?
    }

    private func look(_ observation: Observation, elapsed: Span, memory: inout Memory) async -> Look {
        do throws(ProviderError) {
            switch observation {
            case .running(let id): return try await lookForRunning(id, elapsed: elapsed)
            case .stopped(let id): return try await lookForStopped(id, elapsed: elapsed)
            case .terminated(let id):
                let state = try await environment.provider.instance(id)?.state
                let isGone = state == .terminated || (state == nil && elapsed >= environment.consistencyWindow)
                return isGone ? .satisfied(nil) : .notYet("\(id) is \(state?.rawValue ?? Self.unseen)")
            case .firstBootFinished(let id): return try await lookAtFirstBoot(id, elapsed: elapsed, memory: &memory)
            case .fullyPatched(let id): return try await lookAtPatches(id, elapsed: elapsed, memory: &memory)
            case .updateEnded(let id, let token):
                return try await lookAtUpdate(token, of: id, memory: &memory, as: observation)
            case .rebooted(let id, let from):
                return try await lookForReboot(of: id, from: from, elapsed: elapsed, as: observation)
            case .launchSettled(let token):
                if let found = try await environment.provider.instance(launchedWith: token) { return .satisfied(found) }
                return elapsed >= environment.consistencyWindow
                    ? .satisfied(nil) : .notYet("the launch could still show an instance")
            case .inService(let router, let id, let address):
                let instead = "\(router) does not see \(id) healthy"
                return await lookAtRouter(router, otherwise: instead, memory: &memory) { members in
                    members.contains { $0.stands(for: id, at: address) && $0.status == .inService }
                }
            case .drained(let router, let id, let address, let timeout):
                if elapsed >= timeout { return .satisfied(nil) }
                let instead = "\(id) has open sessions at \(router)"
                return await lookAtRouter(router, otherwise: instead, memory: &memory) { members in
                    members.filter { $0.stands(for: id, at: address) }.allSatisfy { $0.openSessions == 0 }
                }
            case .outOfRotation(let router, let id, let address):
                let mayFinish = environment.routers[router]?.cutsOnRemoval == false
                let instead = "\(router) still sends work to \(id)"
                return await lookAtRouter(router, otherwise: instead, memory: &memory) { members in
                    members.filter { $0.stands(for: id, at: address) }.allSatisfy { member in
                        member.status == .disabled || mayFinish && member.status == .draining
                    }
                }
            }
        } catch {
            await note(error.description, memory: &memory)
            return Self.saysNothing(error) ? .notYet(error.detail) : .impossible(error.detail)
        }
    }

    /// Whether an error says nothing about what is waited for, so that the deadline decides and not the error.
    private static func saysNothing(_ error: ProviderError) -> Bool {
        switch error.code {
        case .unavailable, .throttled, .unauthenticated, .malformedAnswer, .storage, .cancelled: true
        case .capacity, .quota, .forbidden, .instanceNotFound, .imageNotFound, .terminationProtected, .invalidState,
            .invalidRequest:
            error.isRetryable
        }
    }

    private func lookForRunning(_ id: InstanceID, elapsed: Span) async throws(ProviderError) -> Look {
        guard let instance = try await environment.provider.instance(id) else {
            return elapsed >= environment.consistencyWindow
                ? .impossible("\(id) is gone") : .notYet("\(id) is \(Self.unseen)")
        }
        switch instance.state {
        case .running:
            return instance.address == nil ? .notYet("\(id) runs, but has no address") : .satisfied(instance)
        case .pending: return .notYet("\(id) is pending")
        case .stopped, .stopping:
            // A start that was only just accepted may not show yet.
            let isLong = elapsed >= environment.consistencyWindow + .seconds(5)
            return isLong ? .impossible("\(id) is stopped") : .notYet("\(id) is \(instance.state.rawValue)")
        case .terminating, .terminated: return .impossible("\(id) is \(instance.state.rawValue)")
        }
    }

    private func lookForStopped(_ id: InstanceID, elapsed: Span) async throws(ProviderError) -> Look {
        let state = try await environment.provider.instance(id)?.state
        let seen = "\(id) is \(state?.rawValue ?? Self.unseen)"
        switch state {
        case .stopped: return .satisfied(nil)
        case .terminated, .terminating: return .impossible("\(id) is gone instead of stopped")
        case nil: return elapsed >= environment.consistencyWindow ? .impossible("\(id) is gone") : .notYet(seen)
        case .pending, .running, .stopping: return .notYet(seen)
        }
    }

    private func lookAtFirstBoot(
        _ id: InstanceID, elapsed: Span, memory: inout Memory
    ) async throws(ProviderError) -> Look {
        switch try await presence(of: id, elapsed: elapsed, memory: &memory) {
        case .running: break
        case .unclear: return .notYet("\(id) does not run just now")
        case .gone: return .impossible("\(id) no longer runs")
        }
        let status = try await environment.provider.firstBoot(of: id)
        if plan.launch.patch.scope != .none { await copyConsole(of: id, memory: &memory) }
        switch status {
        case .running: return .notYet("the first boot of \(id) goes on")
        case .finished: return .satisfied(nil)
        case .failed(let reason): return .impossible("first boot failed: \(reason)")
        }
    }

    private enum Presence {
        case running(Instance)
        /// A read that may lag behind does not show it running.
        case unclear
        case gone
    }

    /// Whether a machine that was seen running still runs; a read from before that is no proof that it does not.
    private func presence(
        of id: InstanceID, elapsed: Span, memory: inout Memory
    ) async throws(ProviderError) -> Presence {
        let instance = try await environment.provider.instance(id)
        switch instance?.state {
        case .running:
            memory.standingSince = nil
            return instance.map(Presence.running) ?? .unclear
        case .terminating, .terminated: return .gone
        case nil: return elapsed >= environment.consistencyWindow ? .gone : .unclear
        case .pending, .stopping, .stopped:
            let now = environment.clock.monotonicMilliseconds()
            let since = memory.standingSince ?? now
            memory.standingSince = since
            // It may be on its way through a reboot.
            guard now - since >= environment.restartWindow.milliseconds else { return .unclear }
            return elapsed >= environment.consistencyWindow ? .gone : .unclear
        }
    }

    /// Copies what the console says anew into the swap's log.
    private func copyConsole(of id: InstanceID, memory: inout Memory) async {
        guard let console = try? await environment.provider.consoleOutput(of: id) else { return }
        let lines = memory.console.newLines(in: console)
        guard !lines.isEmpty else { return }
        await log.write(lines, source: "first-boot", instance: id)
    }

    private func lookAtPatches(
        _ id: InstanceID, elapsed: Span, memory: inout Memory
    ) async throws(ProviderError) -> Look {
        let instance: Instance
        switch try await presence(of: id, elapsed: elapsed, memory: &memory) {
        case .running(let found): instance = found
        case .unclear: return .notYet("\(id) does not run just now")
        case .gone: return .impossible("\(id) no longer runs")
        }
        if patch.scope == .none { return .satisfied(instance) }
        let runner = environment.provider.commandRunner(for: instance)
        let status: PatchStatus
        do {
            status = try await environment.inspector.patchStatus(
                via: runner, policy: patch, timeout: .minutes(4))
        } catch {
            await note("patch status of \(id): \(error)", memory: &memory)
            return .notYet("the patch status of \(id) cannot be read: \(error)")
        }
        let problems = problems(in: status)
        guard !problems.isEmpty else {
            await recordFacts(of: instance, via: runner)
            return .satisfied(instance)
        }
        // Updates may be published between first boot and this look, so one look does not decide.
        memory.unpatchedReads += 1
        let seen = problems.joined(separator: "; ")
        return memory.unpatchedReads < 3 ? .notYet(seen) : .impossible(seen)
    }

    private func problems(in status: PatchStatus) -> [String] {
        var problems: [String] = []
        let scope = patch.scope
        // The inspection lists all updates, whatever first boot was to install.
        let pending = status.pending.filter { scope != .security || $0.isSecurity }
        if !pending.isEmpty {
            let names = pending.prefix(5).map { "\($0.package) \($0.candidate)" }.joined(separator: ", ")
            problems.append(
                "\(pending.count) updates are left"
                    + "\(swap.strategy == .inPlace ? "" : " after first boot"): \(names)")
        }
        if !status.auditFindings.isEmpty { problems.append("the package manager reports broken packages") }
        // Who updates a running machine and asks for no reboot has taken a pending one upon himself.
        if swap.strategy == .inPlace, patch.reboot == .never { return problems }
        switch status.rebootRequired {
        case true: problems.append("a reboot is pending")
        case nil: problems.append("whether a reboot is pending cannot be told")
        case false: break
        }
        return problems
    }

    private func recordFacts(of instance: Instance, via runner: any CommandRunner) async {
        do {
            let facts = try await environment.inspector.facts(
                via: runner, address: instance.address, timeout: .seconds(60))
            let file = swap.strategy == .inPlace ? EvidenceFile.updatedFacts : EvidenceFile.replacementFacts
            try await environment.evidence.write(facts, asJSON: file, of: swap.id)
        } catch {
            await log.write(["facts of \(instance.id): \(error)"], source: "engine", instance: instance.id)
        }
    }

    private func lookAtUpdate(
        _ token: UpdateToken, of id: InstanceID, memory: inout Memory, as observation: Observation
    ) async throws(ProviderError) -> Look {
        guard let updater = environment.updater else { return .impossible("machines cannot be updated in place here") }
        if memory.update == nil {
            memory.update = await UpdateOutput(knownLines: log.lineCount(from: UpdateOutput.source(token)))
        }
        let progress: UpdateProgress
        do {
            let runner = try await InPlaceCalls(environment: environment).runner(for: id, observation.summary)
            progress = try await updater.progress(of: token, after: memory.update?.offset ?? 0, via: runner)
        } catch let error as UpdateError {
            throw ProviderError(error, operation: observation.summary)
        } catch let error as ProviderError {
            throw error
        } catch { return .notYet("\(error)") }
        let fresh = memory.update?.take(progress) ?? []
        await log.write(fresh, source: UpdateOutput.source(token), instance: id)
        switch progress.status {
        case .running: return .notYet("the update of \(id) goes on\(fresh.last.map { ": \($0)" } ?? "")")
        case .ended(let result): return .event(.updateEnded(token, result))
        case .absent:
            return .event(.effectMissing(observation, reason: "\(id) has no record of the update"))
        case .interrupted:
            return .event(.effectMissing(observation, reason: "The update of \(id) was interrupted there"))
        }
    }

    private func lookForReboot(
        of id: InstanceID, from: String?, elapsed: Span, as observation: Observation
    ) async throws(ProviderError) -> Look {
        guard let updater = environment.updater, let from else {
            return .impossible("\(id) has no boot id of its own, so that a reboot cannot be proven")
        }
        guard case .satisfied(let instance) = try await lookForRunning(id, elapsed: elapsed) else {
            return .notYet("\(id) does not run just now")
        }
        let present = try await InPlaceCalls(environment: environment).bootID(of: id, updater)
        guard let present else { return .notYet("\(id) does not tell its boot") }
        if present != from { return .satisfied(instance) }
        let isLong = elapsed >= environment.consistencyWindow + environment.restartWindow + .minutes(1)
        return isLong
            ? .event(.effectMissing(observation, reason: "\(id) is still in the boot in which it was updated"))
            : .notYet("\(id) is still in the boot in which it was updated")
    }

    private func lookAtRouter(
        _ name: RouterName, otherwise instead: String, memory: inout Memory, holds: ([TrafficMember]) -> Bool
    ) async -> Look {
        guard let router = environment.routers[name] else { return .impossible("the router \(name) is not configured") }
        do { return holds(try await router.members()) ? .satisfied(nil) : .notYet(instead) } catch {
            await note(error.description, memory: &memory)
            switch error.code {
            case .unavailable, .malformedAnswer, .cancelled: return .notYet(error.description)
            case .notFound, .refused, .invalidRequest: return .impossible(error.description)
            }
        }
    }

    /// Writes a problem to the log once, not on every look.
    private func note(_ problem: String, memory: inout Memory) async {
        guard problem != memory.lastProblem else { return }
        memory.lastProblem = problem
        await log.write([problem], source: "engine", instance: nil)
    }
}
