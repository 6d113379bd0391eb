public import Workflow

/// Updates the sample original of a `ScriptedCloud` in a second of a test's clock, as scripted.
public actor ScriptedUpdater: MachineUpdater {
    private struct Run {
        var since: WallTime
        var boot: Int
        var ended: UpdateResult?
    }

    private let clock: any WorkflowClock
    private let cloud: ScriptedCloud
    private let witness: CallWitness
    private var runs: [UpdateToken: Run] = [:]
    private var failure: String?
    private var changesNothing = false
    private var crashes = 0
    private var obstacles: [PreflightFinding] = []
    private var outage = false
    /// How often packages were installed, by update.
    public private(set) var installations: [UpdateToken: Int] = [:]
    /// What the witness objected to.
    public private(set) var objections: [String] = []

    /// How long an update takes.
    public static let time = Span.seconds(1)

    /// Creates an updater of the cloud's original.
    public init(clock: any WorkflowClock, cloud: ScriptedCloud, witness: @escaping CallWitness = { _ in nil }) {
        self.clock = clock
        self.cloud = cloud
        self.witness = witness
    }

    /// Makes every update fail with a reason; `unchanged` says that it fails before anything is installed.
    public func fail(_ reason: String?, unchanged: Bool = false) {
        (failure, changesNothing) = (reason, unchanged)
    }

    /// Has the machine boot in the middle of so many updates.
    public func crash(times: Int) { crashes = times }

    /// Makes the machine unreachable, or reachable again.
    public func setOutage(_ isOut: Bool) { outage = isOut }

    /// Scripts what a survey finds.
    public func setFindings(_ findings: [PreflightFinding]) { obstacles = findings }

    /// What `setFindings` scripted.
    public func findings(
        for policy: PatchPolicy, via runner: any CommandRunner
    ) async throws(UpdateError) -> [PreflightFinding] { obstacles }

    /// Begins an update, or goes on with an interrupted one.
    public func begin(_ request: UpdateRequest, via runner: any CommandRunner) async throws(UpdateError) {
        try requireConnection()
        if let objection = await witness(.update(request)) { objections.append(objection) }
        let boot = await cloud.boots
        if let run = runs[request.token], run.ended != nil || run.boot == boot { return }
        if runs[request.token] == nil { installations[request.token, default: 0] += 1 }
        runs[request.token] = Run(since: clock.wallTime(), boot: boot)
    }

    /// One line at the beginning and one at the end.
    public func progress(
        of token: UpdateToken, after offset: Int, via runner: any CommandRunner
    ) async throws(UpdateError) -> UpdateProgress {
        try requireConnection()
        guard var run = runs[token] else { return UpdateProgress(status: .absent, lines: [], offset: 0) }
        if crashes > 0, run.ended == nil {
            crashes -= 1
            await cloud.crash()
        }
        let boot = await cloud.boots
        if run.ended == nil, run.boot != boot { return UpdateProgress(status: .interrupted, lines: [], offset: offset) }
        let isOver = clock.wallTime().since(run.since) >= Self.time
        if isOver, run.ended == nil {
            run.ended = result(boot)
            runs[token] = run
        }
        let all = ["installing\n"] + (run.ended == nil ? [] : ["done\n"])
        let text = Array(all.joined().utf8)
        let fresh = String(decoding: text[min(offset, text.count)...], as: UTF8.self)
        return UpdateProgress(
            status: run.ended.map(UpdateProgress.Status.ended) ?? .running,
            lines: fresh.split(separator: "\n").map(String.init), offset: text.count)
    }

    /// The cloud's count of boots.
    public func bootID(via runner: any CommandRunner) async throws(UpdateError) -> String? {
        try requireConnection()
        return "boot-\(await cloud.boots)"
    }

    private func result(_ boot: Int) -> UpdateResult {
        let change = UpdateResult.Change(package: "openssl", before: "3.0.1", after: "3.0.2")
        return UpdateResult(
            failure: failure, changes: changesNothing ? [] : [change], rebootRequired: true, bootID: "boot-\(boot)")
    }

    private func requireConnection() throws(UpdateError) {
        if outage { throw UpdateError(.unreachable, detail: "scripted outage") }
    }
}
