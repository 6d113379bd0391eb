import Engine
import Foundation
import TestSupport
import Workflow

/// Everything a driver needs, scripted: one world over which several drivers may work one after the other.
struct Bench: Sendable {
    let plan: Plan
    let clock = ManualClock(epoch: SampleSwap.start)
    /// The clock moves only while nothing runs here.
    let executor = TestExecutor()
    let journal: InMemoryJournal
    let cloud: ScriptedCloud
    let updater: ScriptedUpdater
    let routers: [ScriptedRouter]
    let assessor: ScriptedAssessor
    let folder: URL

    init(_ plan: Plan = SampleSwap.plan(), finishesLaunches: Bool = false) {
        let journal = InMemoryJournal(clock: clock)
        let witness: CallWitness = { await journal.objection(to: $0) }
        self.plan = plan
        self.journal = journal
        cloud = ScriptedCloud(clock: clock, finishesLaunches: finishesLaunches, witness: witness)
        updater = ScriptedUpdater(clock: clock, cloud: cloud, witness: witness)
        routers = plan.routes.map { ScriptedRouter($0, hasOther: plan.update != nil, witness: witness) }
        assessor = ScriptedAssessor(clock: clock)
        folder = FileManager.default.temporaryDirectory.appending(path: "changeover-engine-\(UUID().uuidString)")
    }

    var environment: EngineEnvironment {
        EngineEnvironment(
            journal: journal, provider: cloud,
            routers: Dictionary(routers.map { ($0.name, $0 as any TrafficRouter) }) { $1 }, assessor: assessor,
            inspector: ScriptedInspector(), updater: updater, clock: clock, evidence: EvidenceStore(root: folder),
            holder: SampleSwap.holder, redact: { $0.replacing("hunter2", with: "***") }, allowsLoopback: false,
            consistencyWindow: .seconds(1), random: { 0.5 }, executor: executor)
    }

    /// Creates the swap, or takes its lease when it exists, and drives it while the clock is moved.
    @discardableResult
    func drive(
        _ options: DriveOptions = DriveOptions(approvesPolicyCheckpoints: true), watch: SwapWatch = SwapWatch(),
        environment: EngineEnvironment? = nil
    ) async throws -> DriveEnd {
        defer { watch.finish() }
        let driver = SwapDriver(environment: environment ?? self.environment) { watch.take($0) }
        let isNew = try await journal.swap(SampleSwap.id) == nil
        let lease =
            isNew ? try await driver.create(SampleSwap.id, plan: plan) : try await driver.takeLease(of: SampleSwap.id)
        return try await pumping(clock, on: executor) { try await driver.drive(lease, options: options) }
    }

    func post(_ command: OperatorCommand) async throws {
        let request = OperatorRequest(command: command, author: "alice")
        try await journal.post(request, for: SampleSwap.id, at: clock.wallTime())
    }

    /// The swap as its journal has it.
    func swap() async throws -> Swap? {
        Swap.replay(try await journal.records(of: SampleSwap.id, after: 0))
    }

    func records() async throws -> [JournalRecord] {
        try await journal.records(of: SampleSwap.id, after: 0)
    }

    func text(of file: String) -> String {
        let path = folder.appending(path: SampleSwap.id.rawValue).appending(path: file)
        return (try? String(contentsOf: path, encoding: .utf8)) ?? ""
    }

    /// Ends the bench's thread and removes its folder.
    func removeEvidence() {
        executor.close()
        try? FileManager.default.removeItem(at: folder)
    }

    /// How many calls were asked of the cloud and the routers, failed ones included.
    func attempts() async -> Int {
        var count = await cloud.attempts
        for router in routers { count += await router.attempts }
        return count
    }

    func states() async throws -> [String: InstanceState] {
        let instances = try await cloud.instances()
        return Dictionary(instances.map { ($0.id.rawValue, $0.state) }) { $1 }
    }

    /// What must never have happened, whatever was scripted.
    func violations() async throws -> [String] {
        var violations = await cloud.objections
        for router in routers {
            violations += await router.objections
            if await router.fewestInService < 1 { violations.append("\(router.name) was left without a member") }
        }
        violations += await updater.objections
        for (token, count) in await updater.installations where count > 1 {
            violations.append("the update \(token) installed \(count) times")
        }
        let launches = await cloud.calls.count { if case .launch = $0 { true } else { false } }
        if launches > 1 { violations.append("\(launches) instances were launched") }
        let records = try await records()
        let numbers = records.flatMap { $0.entry.intents.map(\.number) }
        if Set(numbers).count != numbers.count { violations.append("a call number was used twice") }
        if records.map(\.sequence) != Array(1...max(1, records.count)) { violations.append("a sequence has gaps") }
        let epochs = records.map(\.epoch)
        if epochs != epochs.sorted() { violations.append("an epoch decreased") }
        return violations
    }
}

extension DriveEnd {
    /// The kind of end with the state's name, such as `held: holding`.
    var label: String {
        let kind =
            switch self {
            case .ended: "ended"
            case .held: "held"
            case .atCheckpoint: "at checkpoint"
            case .paused: "paused"
            case .needsOperator: "needs operator"
            case .interrupted: "interrupted"
            }
        return "\(kind): \(swap.state.name)"
    }
}
