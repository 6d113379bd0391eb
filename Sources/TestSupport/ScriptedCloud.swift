public import Workflow

/// A cloud in memory on a test's clock that obeys, or fails as scripted, and remembers every mutating call.
public actor ScriptedCloud: CloudProvider, SnapshotProvider {
    private let clock: any WorkflowClock
    private let witness: CallWitness
    private var faults: [Int: ScriptedFault] = [:]
    private var outage: ProviderError.Code?
    private var firstBootFailure: String?
    private var isBootStuck = false
    private var rebootTime: Span?
    private var findings: [PreflightFinding] = []
    private var kept: [String: Instance] = [:]
    /// How often the original has booted; its boot has the id `boot-` and this number.
    public private(set) var boots = 1
    private var table: [InstanceID: Instance] = [SampleSwap.original.id: SampleSwap.original]
    /// The mutating calls that took effect, in order.
    public private(set) var calls: [CallRequest] = []
    /// How many mutating calls were asked for, failed ones included.
    public private(set) var attempts = 0
    /// What the witness objected to.
    public private(set) var objections: [String] = []

    /// Whether launches whose answer was lost are to be repeated.
    public nonisolated let finishesLaunches: Bool

    /// How long a launched instance is pending.
    public static let bootTime = Span.milliseconds(300)
    /// How long its first boot then takes.
    public static let patchTime = Span.seconds(1)

    /// Creates a cloud that holds the sample original.
    public init(
        clock: any WorkflowClock, finishesLaunches: Bool = false, witness: @escaping CallWitness = { _ in nil }
    ) {
        self.clock = clock
        self.finishesLaunches = finishesLaunches
        self.witness = witness
    }

    /// Scripts what the mutating call with this number, from 1 and failed ones included, does.
    public func script(_ fault: ScriptedFault, forAttempt number: Int) {
        faults[number] = fault
    }

    /// Makes every mutating call fail with `code` and without effect, until `nil` is given.
    public func setOutage(_ code: ProviderError.Code?) {
        outage = code
    }

    /// Makes every first boot fail with a reason.
    public func failFirstBoot(_ reason: String) {
        firstBootFailure = reason
    }

    /// Leaves launched instances pending for ever.
    public func stickBoot() {
        isBootStuck = true
    }

    /// Makes launched instances look stopped for `time` while they are patched.
    public func reboot(for time: Span) {
        rebootTime = time
    }

    /// Scripts what a dry run of a launch finds.
    public func setLaunchFindings(_ findings: [PreflightFinding]) {
        self.findings = findings
    }

    /// Changes an instance behind the swap's back.
    public func alter(_ id: InstanceID, _ change: @Sendable (inout Instance) -> Void) {
        guard var instance = table[id] else { return }
        change(&instance)
        table[id] = instance
    }

    /// Forgets an instance altogether, as clouds do some time after its end.
    public func forget(_ id: InstanceID) {
        table[id] = nil
    }

    // MARK: Reading

    /// Every instance, by id.
    public func instances() async throws(ProviderError) -> [Instance] {
        table.keys.sorted().compactMap(current)
    }

    /// One instance, if it is known.
    public func instance(_ id: InstanceID) async throws(ProviderError) -> Instance? { current(id) }

    /// The instance whose launch carried the token.
    public func instance(launchedWith token: LaunchToken) async throws(ProviderError) -> Instance? {
        table.keys.sorted().first { table[$0]?.tags[OwnershipTag.token] == token.rawValue }.flatMap(current)
    }

    /// Finished once boot and patch time have passed.
    public func firstBoot(of id: InstanceID) async throws(ProviderError) -> FirstBootStatus {
        if let firstBootFailure { return .failed(reason: firstBootFailure) }
        guard let launchedAt = table[id]?.launchedAt else { return .running(detail: "unknown") }
        let isOver = clock.wallTime().since(launchedAt) >= Self.bootTime + Self.patchTime
        return isOver ? .finished : .running(detail: "installing")
    }

    /// Two lines.
    public func consoleOutput(of id: InstanceID) async throws(ProviderError) -> String {
        "console of \(id)\nlogin:\n"
    }

    /// What `setLaunchFindings` scripted.
    public func launchFindings(
        for specification: LaunchSpecification
    ) async throws(ProviderError) -> [PreflightFinding] { findings }

    /// Nothing: everything can be carried over.
    public func carryOverFindings(
        for original: Instance, routes: [TrafficRoute]
    ) async throws(ProviderError) -> [PreflightFinding] { [] }

    /// The original's own image, tags and properties.
    public func inheritedSpecification(
        of original: Instance, choices: LaunchChoices
    ) async throws(ProviderError) -> LaunchSpecification {
        LaunchSpecification(
            image: choices.image.id ?? original.image, name: original.name, tags: original.tags,
            properties: original.properties,
            patch: choices.patch)
    }

    /// A runner whose commands all succeed.
    public nonisolated func commandRunner(for instance: Instance) -> any CommandRunner { ScriptedCommandRunner() }

    private func current(_ id: InstanceID) -> Instance? {
        guard var instance = table[id] else { return nil }
        if instance.state == .pending, !isBootStuck, let launchedAt = instance.launchedAt,
            clock.wallTime().since(launchedAt) >= Self.bootTime
        {
            instance.state = .running
            table[id] = instance
        }
        if instance.state == .running, let rebootTime, let launchedAt = instance.launchedAt {
            let sinceReboot = clock.wallTime().since(launchedAt).milliseconds - Self.bootTime.milliseconds * 2
            if (0..<rebootTime.milliseconds).contains(sinceReboot) { instance.state = .stopped }
        }
        return instance
    }

    // MARK: Changing

    /// Launches an instance, or returns the one the token created.
    public func launch(_ request: LaunchRequest) async throws(ProviderError) -> Instance {
        let fault = try await begin(.launch(request))
        if let known = try await instance(launchedWith: request.token) { return known }
        calls.append(.launch(request))
        let number = table.count + 1
        let specification = request.specification
        let instance = Instance(
            id: InstanceID("i-\(number)"), name: specification.name, state: .pending, image: specification.image,
            address: "10.0.0.\(number)", tags: specification.tags.merging(request.ownershipTags) { $1 },
            launchedAt: clock.wallTime(), properties: specification.properties)
        table[instance.id] = instance
        try end(fault, "launch")
        return instance
    }

    /// Stops an instance at once.
    public func stop(_ id: InstanceID) async throws(ProviderError) {
        try await change(.stop(id), of: id) { $0.state = .stopped }
    }

    /// Starts an instance at once.
    public func start(_ id: InstanceID) async throws(ProviderError) {
        try await change(.start(id), of: id) { $0.state = .running }
    }

    /// Has an instance boot once more.
    public func reboot(_ id: InstanceID) async throws(ProviderError) {
        try await change(.reboot(id, from: "boot-\(boots)"), of: id) { $0.state = .running }
        boots += 1
    }

    /// Itself.
    public nonisolated var snapshots: (any SnapshotProvider)? { self }

    /// The names of the snapshots there are.
    public var snapshotNames: [String] { kept.keys.sorted() }

    /// Nothing.
    public func snapshotFindings(for instance: Instance) async throws(ProviderError) -> [PreflightFinding] { [] }

    /// Keeps the instance as it is.
    public func snapshot(_ id: InstanceID, named name: String) async throws(ProviderError) {
        let present = current(id)
        try await change(.snapshot(id, name: name), of: id) { _ in }
        kept[name] = present
    }

    /// Brings the instance back, in another boot.
    public func restore(_ id: InstanceID, to name: String) async throws(ProviderError) {
        let earlier = kept[name]
        try await change(.restore(id, name: name), of: id) { instance in instance = earlier ?? instance }
        boots += 1
    }

    /// Forgets a snapshot.
    public func deleteSnapshot(_ id: InstanceID, named name: String) async throws(ProviderError) {
        try await change(.deleteSnapshot(id, name: name), of: id) { _ in }
        kept[name] = nil
    }

    /// Has a machine boot by itself.
    public func crash() { boots += 1 }

    /// Terminates an instance at once.
    public func terminate(_ id: InstanceID) async throws(ProviderError) {
        if table[id]?.isTerminationProtected == true {
            throw ProviderError(.terminationProtected, operation: "terminate", detail: "\(id) is protected")
        }
        try await change(.terminate(id), of: id) { $0.state = .terminated }
    }

    /// Sets and removes tags.
    public func tag(_ id: InstanceID, with tags: [String: String?]) async throws(ProviderError) {
        let changes = tags.sorted { $0.key < $1.key }.map { TagChange($0.key, $0.value) }
        try await change(.tag(id, changes), of: id) { instance in
            for change in changes { instance.tags[change.name] = change.value }
        }
    }

    private func change(
        _ request: CallRequest, of id: InstanceID, _ body: (inout Instance) -> Void
    ) async throws(ProviderError) {
        let fault = try await begin(request)
        guard var instance = current(id) else {
            throw ProviderError(.instanceNotFound, operation: request.summary, detail: "\(id) is unknown")
        }
        calls.append(request)
        body(&instance)
        table[id] = instance
        try end(fault, request.summary)
    }

    private func begin(_ request: CallRequest) async throws(ProviderError) -> ScriptedFault? {
        attempts += 1
        let fault = faults[attempts]
        if let objection = await witness(request) { objections.append(objection) }
        switch fault {
        case .refused(let code): throw ProviderError(code, operation: request.summary, detail: "scripted")
        case .waits(let gate): await gate.pass()
        case .lostAnswer, .garbledAnswer, nil: break
        }
        if let outage { throw ProviderError(outage, operation: request.summary, detail: "scripted outage") }
        return fault
    }

    private func end(_ fault: ScriptedFault?, _ operation: String) throws(ProviderError) {
        switch fault {
        case .lostAnswer: throw ProviderError(.unavailable, operation: operation, detail: "the answer was lost")
        case .garbledAnswer: throw ProviderError(.malformedAnswer, operation: operation, detail: "garbled")
        case .refused, .waits, nil: break
        }
    }
}
