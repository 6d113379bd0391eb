import Configuration
import Documents
import Engine
import Foundation
import Journal
import Workflow

/// Drives swaps for the command line: shows their timeline, asks at checkpoints, says what to type next.
struct SwapRunner: Sendable {
    let workspace: Workspace
    let output: Output
    let journal: SQLiteJournal
    private let timeline: Timeline

    init(_ workspace: Workspace, _ output: Output) async throws {
        self.workspace = workspace
        self.output = output
        journal = try await workspace.openJournal()
        timeline = Timeline(output, clock: workspace.clock)
    }

    private init(_ other: SwapRunner, label: String) {
        workspace = other.workspace
        output = other.output
        journal = other.journal
        timeline = Timeline(output, clock: workspace.clock, label: label)
    }

    /// The same runner for one of several swaps, whose name stands before each of its lines.
    func labelled(_ name: String) -> SwapRunner { SwapRunner(self, label: name) }

    /// Records a new swap and drives it; returns also what scripts read of its end.
    func begin(
        _ planned: PlannedSwap, options: DriveOptions, asks: Bool, detach: Bool = false, isInterruptible: Bool = true
    ) async throws -> (ExitStatus, SwapDocument?) {
        let (id, plan) = (planned.id, planned.plan)
        return try await RequestTally.$swap.withValue(id) {
            let driver = try driver(for: plan)
            let lease = try await driver.create(id, plan: plan)
            if detach {
                try await journal.release(lease)
                return (try await leaveBehind(id, approves: options.approvesPolicyCheckpoints), nil)
            }
            timeline.line(
                "\(plan.strategy == .inPlace ? "Update in place" : "Swap") \(id) of \(plan.original.name) "
                    + "(\(plan.original.id))")
            return try await drive(driver, lease, options: options, asks: asks, isInterruptible: isInterruptible)
        }
    }

    /// Takes up an existing swap and drives it on.
    func resume(_ id: SwapID, options: DriveOptions, asks: Bool) async throws -> ExitStatus {
        let (status, document) = try await takeUp(id, options: options, asks: asks)
        document.map { output.document($0) }
        return status
    }

    /// Takes up an existing swap and drives it on; returns also what scripts read of its end.
    func takeUp(
        _ id: SwapID, options: DriveOptions, asks: Bool, isInterruptible: Bool = true
    ) async throws -> (ExitStatus, SwapDocument?) {
        let swap = try await workspace.swap(id, in: journal)
        let driver = try driver(for: swap.plan)
        let lease: Lease
        do { lease = try await driver.takeLease(of: id) } catch {
            // A store that cannot be written is no refusal once calls were made; who else drives, the caller asks.
            guard error.code == .journal else { throw error }
            throw CommandFailure(error, hasChanges: swap.lastIssuedCallNumber > 0)
        }
        return try await RequestTally.$swap.withValue(id) {
            try await drive(driver, lease, options: options, asks: asks, isInterruptible: isInterruptible)
        }
    }

    private func driver(for plan: Plan) throws -> SwapDriver {
        let (timeline, tally, times) = (timeline, workspace.tally, DriveTimes(evidence: workspace.evidence))
        return SwapDriver(environment: try workspace.environment(for: plan, journal: journal)) { notice in
            switch notice {
            case .recorded(_, let swap): tally.save(swap.id)
            case .timed(let swap, let timing): times.add(timing, to: swap)
            case .check, .line: break
            }
            timeline.take(notice)
        }
    }

    private func drive(
        _ driver: SwapDriver, _ lease: Lease, options: DriveOptions, asks: Bool, isInterruptible: Bool = true
    ) async throws -> (ExitStatus, SwapDocument?) {
        var lease = lease
        while true {
            let end: DriveEnd
            if isInterruptible {
                end = try await interruptible { [lease] in try await driver.drive(lease, options: options) }
            } else {
                do { end = try await driver.drive(lease, options: options) } catch {
                    throw CommandFailure(error, hasChanges: true)
                }
            }
            timeline.finish()
            if case .atCheckpoint(let swap) = end, asks {
                do {
                    if try await ask(about: swap) {
                        lease = try await driver.takeLease(of: swap.id)
                        continue
                    }
                } catch {
                    // A replacement runs by now, so this is no refusal.
                    throw CommandFailure(error, hasChanges: true)
                }
            }
            return (ExitStatus(end), try await report(end))
        }
    }

    /// Runs a drive that the first Ctrl-C (or SIGTERM) stops at the next durable point and a second one ends at once.
    private func interruptible(_ body: @escaping @Sendable () async throws -> DriveEnd) async throws -> DriveEnd {
        let task = Task { () -> Result<DriveEnd, any Error> in
            do { return .success(try await body()) } catch { return .failure(error) }
        }
        let ticker = Task { [timeline, output, workspace] in
            while output.isLive, !Task.isCancelled {
                timeline.refresh()
                do { try await workspace.clock.sleep(for: .milliseconds(250)) } catch { return }
            }
        }
        defer { ticker.cancel() }
        do { return try await interruptible(task).get() } catch {
            throw CommandFailure(error, hasChanges: true)
        }
    }

    /// Waits for a task that the first Ctrl-C (or SIGTERM) cancels.
    func interruptible<Value: Sendable>(_ task: Task<Value, Never>) async -> Value {
        let interrupts = Interrupts { [output] count in
            if count > 1 { exit(ExitStatus.stopped.rawValue) }
            output.message(
                "\nStopping at the next durable point; press Ctrl-C again to end at once (that is safe, too).")
            task.cancel()
        }
        defer { interrupts.cancel() }
        return await task.value
    }

    /// Asks the person at the terminal; true when the answer was posted and the swap goes on.
    private func ask(about swap: Swap) async throws -> Bool {
        output.line()
        output.line(swap.explanation)
        DiffText.lines(for: swap, evidence: workspace.evidence).forEach { output.line($0) }
        guard let command = CheckpointQuestion(for: swap).answer(output) else { return false }
        let request = OperatorRequest(command: command, author: Operator.name)
        try await journal.post(request, for: swap.id, at: workspace.clock.wallTime())
        return true
    }

    /// Says how the drive ended and what can be typed next; returns the same for scripts.
    private func report(_ end: DriveEnd) async throws -> SwapDocument {
        let swap = end.swap
        let collector = EvidenceCollector(
            journal: journal, provider: try? consoleSource(after: end),
            store: workspace.evidence,
            redact: { SecretScan.redactor(for: swap.plan.checks).redact($0) })
        let problems = await collector.collect(swap)
        problems.forEach { output.message("evidence: \($0)") }
        let records = try await journal.records(of: swap.id, after: 0)
        let row = try await journal.swap(swap.id)
        workspace.tally.save(swap.id)
        timeline.line("")
        timeline.line(output.coloured(Self.headline(end), .bold))
        timeline.line(swap.explanation)
        let next = swap.nextCommands
        if !next.isEmpty { timeline.line("Next: " + next.joined(separator: "\n      ")) }
        timeline.line("Evidence: \(workspace.evidence.folder(of: swap.id).path)")
        return SwapDocument(
            swap, reasons: records.last?.entry.reasons ?? [], driver: row?.driver, evidence: workspace.evidence)
    }

    /// Where the replacement's console is read for the evidence: not after a swap that went well, whose replacement
    /// lives on and can be asked at any time.
    private func consoleSource(after end: DriveEnd) throws -> (any InstanceObserver)? {
        switch end {
        case .held where end.swap.plan.launch.patch.scope == .none: nil
        case .ended: nil
        case .held, .atCheckpoint, .paused, .needsOperator, .interrupted:
            try workspace.observer(end.swap.plan.provider)
        }
    }

    private static func headline(_ end: DriveEnd) -> String {
        let id = end.swap.id
        return switch end {
        case .held: "\(id): done; the original is held."
        case .atCheckpoint: "\(id): stopped at the checkpoint; nothing changes until someone decides."
        case .paused: "\(id): paused."
        case .needsOperator: "\(id): needs an operator."
        case .interrupted: "\(id): interrupted in \(end.swap.state.name); `changeover resume \(id)` goes on."
        case .ended(let swap):
            if case .updated = swap.state {
                "\(id): done; the original is updated in place."
            } else {
                "\(id): \(swap.state.name)."
            }
        }
    }

    private func leaveBehind(_ id: SwapID, approves: Bool) async throws -> ExitStatus {
        let log = workspace.storeFolder.appendingPathComponent("\(id).log").path
        var arguments = ["--wait"]
        if workspace.configuration.isFile { arguments += ["--config", workspace.configuration.path] }
        if approves { arguments.append("--yes") }
        let process = try DetachedProcess.start(["resume", id.rawValue] + arguments, log: log)
        output.line("Swap \(id) is driven by process \(process); `changeover watch \(id)` shows it. Its output: \(log)")
        let swap = try await workspace.swap(id, in: journal)
        output.document(
            SwapDocument(swap, reasons: ["driven by process \(process)"], driver: nil, evidence: workspace.evidence))
        return .done
    }
}

/// Who works at this terminal, for the journal.
enum Operator {
    static var name: String {
        let environment = ProcessInfo.processInfo.environment
        return
            "\(environment["SUDO_USER"] ?? environment["USER"] ?? "uid \(getuid())")@\(ProcessInfo.processInfo.hostName)"
    }
}

extension Workspace {
    /// Rebuilds a swap from the journal; throws when it does not exist.
    func swap(_ id: SwapID, in journal: any JournalReader) async throws -> Swap {
        guard let swap = Swap.replay(try await journal.records(of: id, after: 0)) else {
            let known = try await journal.swaps(liveOnly: false).prefix(5).map(\.id.rawValue).joined(separator: ", ")
            throw CommandFailure(
                .refused, code: "unknownSwap",
                "there is no swap \(id)" + (known.isEmpty ? "; the store has none" : "; the newest are \(known)"))
        }
        return swap
    }
}
