import Workflow

/// Carries out one effect and says what came of it.
struct EffectRunner: Sendable {
    let environment: EngineEnvironment
    let keeper: LeaseKeeper
    let log: LogWriter
    let notify: @Sendable (DriverNotice) -> Void
    let time: TimeAccount
    let sight: LastSight

    /// Runs an effect to its event; `nil` when it was cancelled.
    ///
    /// - Parameter mayHaveHappened: for a call, whether an earlier driver may have made it.
    func run(_ effect: SwapEffect, of swap: Swap, mayHaveHappened: Bool) async -> SwapEvent? {
        do {
            switch effect {
            case .preflight:
                // Reads of the provider and checks of the original, and next to nothing else.
                time.beginWait()
                defer { time.endWait() }
                return try await Preflight(
                    environment: environment, swap: swap,
                    assess: { try await assess($0, on: $1, of: swap) }, log: log
                ).run()
            case .perform(let call):
                let performer = CallPerformer(
                    environment: environment, swap: swap, keeper: keeper, log: log, time: time)
                return await performer.perform(call, mayHaveHappened: mayHaveHappened)
            case .observe(let observation):
                let waiter = ObservationWaiter(
                    environment: environment, swap: swap, log: log, time: time,
                    sight: sight)
                return try await waiter.wait(for: observation)
            case .assess(let assessment):
                let instance = assessment.subject == .original ? swap.plan.original : swap.replacement
                guard let instance else { return nil }
                time.beginWait()
                defer { time.endWait() }
                let present = await presentAddress(of: instance, in: swap.plan)
                var result = try await assess(assessment, on: present, of: swap)
                if result.verdict == .fail || result.verdict == .inconclusive {
                    result.standing = await standing(of: present.id)
                }
                return .assessed(assessment, result: result)
            case .saveEvidence:
                let collector = EvidenceCollector(
                    journal: environment.journal, provider: environment.provider, store: environment.evidence,
                    redact: environment.redact)
                return .evidenceSaved(problems: await collector.collect(swap))
            case .timer(let timer):
                try await wait(for: timer)
                return .timerFired(timer, seen: sight.text)
            }
        } catch {
            return nil
        }
    }

    /// Waits for a timer: for the end of a hold by the wall clock, since an operator was told that moment; for a deadline
    /// as long as it is away now, so that a clock set ahead while a machine boots does not end its swap.
    private func wait(for timer: SwapTimer) async throws {
        if case .hold = timer {
            while environment.clock.wallTime() < timer.at {
                let left = timer.at.since(environment.clock.wallTime())
                try await environment.clock.sleep(for: min(max(left, .milliseconds(1)), .minutes(1)))
            }
            return
        }
        let end =
            environment.clock.monotonicMilliseconds()
            + timer.at.since(environment.clock.wallTime()).milliseconds
        while environment.clock.monotonicMilliseconds() < end {
            try await environment.clock.sleep(for: Span(milliseconds: end - environment.clock.monotonicMilliseconds()))
        }
    }

    /// The instance with the address that it has now, where the plan moves addresses between instances.
    private func presentAddress(of instance: Instance, in plan: Plan) async -> Instance {
        guard plan.routes.contains(where: \.changesAddresses),
            let address = try? await environment.provider.instance(instance.id)?.address
        else { return instance }
        var present = instance
        present.address = address
        return present
    }

    /// The original with its present address while it runs beside the replacement; `nil` when it is stopped, or is itself
    /// what is assessed.
    private func comparedOriginal(for assessment: Assessment, of swap: Swap) async -> Instance? {
        guard assessment.subject == .replacement, swap.state.runsBothInstances else { return nil }
        var original = swap.plan.original
        if swap.plan.routes.contains(where: \.changesAddresses) {
            // After promote the planned address may be the replacement's, so only one that was just read will do.
            let read = try? await environment.provider.instance(original.id)?.address
            if case .verifying = swap.state {
                original.address = read ?? original.address
            } else {
                original.address = read
            }
        }
        return original
    }

    /// In words, how an instance stands that does not run; `nil` for one that runs, or of which nothing can be learnt now.
    private func standing(of id: InstanceID) async -> String? {
        do {
            guard let seen = try await environment.provider.instance(id) else { return "\(id) is gone" }
            return seen.state == .running ? nil : "\(id) is \(seen.state.rawValue)"
        } catch {
            return nil
        }
    }

    private func assess(_ assessment: Assessment, on instance: Instance, of swap: Swap) async throws -> HealthAssessment
    {
        let mode: AssessmentRequest.Mode =
            switch assessment.length {
            case .untilVerdict: .untilVerdict
            case .watch(let span): .watch(span)
            case .once: .once
            }
        let request = AssessmentRequest(
            documents: swap.plan.checks, phase: assessment.phase, mode: mode, instance: instance,
            original: await comparedOriginal(for: assessment, of: swap),
            runner: environment.provider.commandRunner(for: instance), allowsLoopback: environment.allowsLoopback,
            skipsComparisons: swap.strategy == .inPlace)
        let start = environment.clock.monotonicMilliseconds()
        let (lines, continuation) = AsyncStream.makeStream(
            of: CheckProgress.self, bufferingPolicy: .bufferingNewest(256))
        async let writing: Void = write(lines, of: instance.id)
        defer { continuation.finish() }
        let result = try await environment.assessor.assess(request) { progress in
            notify(.check(progress))
            continuation.yield(progress)
        }
        continuation.finish()
        await writing
        if case .watch(let span) = assessment.length, result.verdict != .fail {
            // A watch lasts as long as it was asked for, even without a check to fill it.
            let end = start + span.milliseconds
            while environment.clock.monotonicMilliseconds() < end {
                let left = Span(milliseconds: end - environment.clock.monotonicMilliseconds())
                try await environment.clock.sleep(for: left)
            }
        }
        return result
    }

    private func write(_ lines: AsyncStream<CheckProgress>, of instance: InstanceID) async {
        for await progress in lines {
            let measurement = progress.measurement
            var text = "\(progress.check) \(measurement.outcome.rawValue) \(measurement.reason)"
            if measurement.outcome != .ok {
                text += " actual=\(measurement.actual) expected=\(measurement.expected)"
            }
            await log.write([text + " (\(progress.detail))"], source: "check", instance: instance)
        }
    }
}
