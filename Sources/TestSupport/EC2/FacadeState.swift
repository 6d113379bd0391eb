internal import Foundation
internal import Glibc
internal import Providers
internal import Workflow

/// Everything behind a façade; whoever holds it holds the lock.
struct FacadeState {
    /// What the simulated cloud does not know of an instance.
    struct Record {
        var number: Int
        var type = "t3.micro"
        var subnet = "subnet-0000000000000000a"
        var zone: String
        var groups = ["sg-00000000000000001"]
        var profile: String?
        var key: String?
        var userData: String?
        var token: String?
        var launchedAtMilliseconds: Int64
    }

    struct Refusal {
        var action: String
        var refusal: CloudRefusal
        var times: Int
        var dryRun: Bool?
    }

    let settings: EC2Facade.Settings
    let cloud: SimulatedCloud
    let block: String
    var access = FacadeAccess()
    var refusals: [Refusal] = []
    var log: [EC2Facade.Entry] = []
    var records: [String: Record] = [:]
    /// Which launch a token stands for, and with which parameters.
    var tokens: [String: (parameters: [String: String], instance: String)] = [:]
    var groups: [String: TargetGroup] = [:]
    var allocations: [String: Allocation] = [:]
    var commands: [String: String] = [:]
    private var buckets: [String: (tokens: Double, at: Int64)] = [:]
    private let startedAt = monotonicMilliseconds()

    init(_ settings: EC2Facade.Settings, block: String) {
        self.settings = settings
        self.block = block
        let clock = VirtualClock(epoch: WallTime(milliseconds: wallMilliseconds()))
        cloud = SimulatedCloud(
            clock: clock, network: SimulatedNetwork(clock: clock, seed: settings.seed), seed: settings.seed,
            settings: settings.cloud)
    }

    /// Milliseconds of the world's clock.
    var now: Int64 { cloud.clock.now }

    /// Lets the world's clock follow the real one.
    func tick() {
        let target = Int64(Double(monotonicMilliseconds() - startedAt) * settings.timeFactor)
        guard target > now else { return }
        cloud.clock.schedule(after: Span(milliseconds: target - now)) {}
        while now < target, cloud.clock.advance() {}
    }

    // MARK: Requests

    mutating func answer(_ message: HTTPMessage) -> HTTPAnswer {
        tick()
        guard let request = CloudRequest(message) else {
            return CloudRefusal("InvalidAction", "no request of a known service", status: 400).answer(of: .ec2)
        }
        var entry = EC2Facade.Entry(request: request, accessKey: "", refusal: nil)
        defer { log.append(entry) }
        do throws(CloudRefusal) {
            entry.accessKey = try access.check(message, request, region: settings.region)
            try drawToken(request)
            try checkScript(request)
            return try carryOut(request)
        } catch {
            entry.refusal = error.code
            return error.answer(of: request.service)
        }
    }

    private mutating func drawToken(_ request: CloudRequest) throws(CloudRefusal) {
        guard let bucket = settings.buckets[request.action] else { return }
        let before = buckets[request.action] ?? (bucket.capacity, now)
        let refilled = min(bucket.capacity, before.tokens + Double(now - before.at) / 1000 * bucket.refill)
        // Two clocks never agree to the millisecond, so a twentieth of a token may be missing. A refusal costs nothing.
        let isGranted = refilled >= 0.95
        buckets[request.action] = (isGranted ? max(0, refilled - 1) : refilled, now)
        if !isGranted { throw Self.throttled(request.service) }
    }

    /// How a service says that there are too many requests.
    static func throttled(_ service: CloudRequest.Service) -> CloudRefusal {
        switch service {
        case .ec2: CloudRefusal("RequestLimitExceeded", "Request limit exceeded.", status: 503)
        case .elasticloadbalancing, .sts: CloudRefusal("Throttling", "Rate exceeded")
        case .ssm: CloudRefusal("ThrottlingException", "Rate exceeded")
        }
    }

    private mutating func checkScript(_ request: CloudRequest) throws(CloudRefusal) {
        let fitting = refusals.firstIndex {
            $0.action == request.action && $0.times > 0 && ($0.dryRun ?? request.isDryRun) == request.isDryRun
        }
        guard let fitting else { return }
        refusals[fitting].times -= 1
        throw refusals[fitting].refusal
    }

    private mutating func carryOut(_ request: CloudRequest) throws(CloudRefusal) -> HTTPAnswer {
        switch request.service {
        case .ec2: try ec2Answer(request)
        case .elasticloadbalancing: try balancerAnswer(request)
        case .ssm: try systemsManagerAnswer(request)
        case .sts:
            Self.queryAnswer(
                request,
                XMLText.element("Account", settings.account) + XMLText.element("UserId", "AIDATEST")
                    + XMLText.element("Arn", "arn:aws:iam::\(settings.account):user/tester"))
        }
    }

    private mutating func ec2Answer(_ request: CloudRequest) throws(CloudRefusal) -> HTTPAnswer {
        let content =
            switch request.action {
            case "DescribeInstances": try describeInstances(request)
            case "DescribeInstanceStatus": try describeInstanceStatus(request)
            case "DescribeInstanceAttribute": try describeInstanceAttribute(request)
            case "DescribeImages": try describeImages(request)
            case "DescribeSubnets": describeSubnets(request)
            case "DescribeAddresses": try describeAddresses(request)
            case "GetConsoleOutput": try consoleOutput(request)
            case "GetLaunchTemplateData": try launchTemplateData(request)
            case "RunInstances": try runInstances(request)
            case "CreateTags", "DeleteTags": try changeTags(request)
            case "StopInstances", "StartInstances", "TerminateInstances": try changeState(request)
            case "AssociateAddress": try associate(request)
            case "DisassociateAddress": try disassociate(request)
            default:
                throw CloudRefusal("InvalidAction", "The action \(request.action) is not valid for this web service.")
            }
        return HTTPAnswer(
            200, type: "text/xml;charset=UTF-8",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<\(request.action)Response "
                + "xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>\(UUID().uuidString.lowercased())"
                + "</requestId>\(content)</\(request.action)Response>")
    }

    /// Ends a dry run of what would be allowed.
    func endDryRun(_ request: CloudRequest) throws(CloudRefusal) {
        if request.isDryRun {
            throw CloudRefusal(
                "DryRunOperation", "Request would have succeeded, but DryRun flag is set.", status: 412)
        }
    }

    /// An answer of the query protocol with `member` lists.
    static func queryAnswer(_ request: CloudRequest, _ content: String) -> HTTPAnswer {
        let version =
            request.service == .sts
            ? "sts.amazonaws.com/doc/2011-06-15" : "elasticloadbalancing.amazonaws.com/doc/2015-12-01"
        return HTTPAnswer(
            200, type: "text/xml",
            "<\(request.action)Response xmlns=\"http://\(version)/\"><\(request.action)Result>\(content)"
                + "</\(request.action)Result><ResponseMetadata><RequestId>\(UUID().uuidString.lowercased())</RequestId>"
                + "</ResponseMetadata></\(request.action)Response>")
    }

    // MARK: Instances and their ids

    /// EC2's id of the cloud's instance number `number`.
    static func id(_ number: Int) -> String {
        let text = String(number, radix: 16)
        return "i-" + String(repeating: "0", count: 17 - text.count) + text
    }

    /// The cloud's own id of an EC2 instance.
    static func key(_ id: String) -> InstanceID? {
        guard id.hasPrefix("i-"), id.utf8.count == 19 else { return nil }
        return Int(id.dropFirst(2), radix: 16).map { InstanceID("i-\($0)") }
    }

    /// The instance as it truly is.
    func truth(_ id: String) -> SimulatedMachine? {
        Self.key(id).flatMap { cloud.machine($0) }
    }

    /// The private address of an instance.
    func address(_ record: Record) -> String { block + String(record.number) }

    /// Every private address there ever was.
    func addresses() -> [String] { records.values.map(address) }

    /// Whether an instance's service answers well now.
    func serves(_ id: String) -> Bool {
        guard let machine = truth(id), machine.serves(at: now) else { return false }
        return !settings.brokenImages.contains(machine.instance.image.rawValue)
    }

    /// What the machine at an address answers over HTTP; `nil` when nothing runs there.
    func page(at address: String) -> HTTPAnswer? {
        guard let found = records.first(where: { self.address($0.value) == address }),
            let machine = truth(found.key), machine.instance.state == .running
        else { return nil }
        return serves(found.key)
            ? HTTPAnswer(200, type: "application/json", "{\"status\":\"UP\",\"instance\":\"\(found.key)\"}")
            : HTTPAnswer(500, type: "application/json", "{\"status\":\"DOWN\",\"instance\":\"\(found.key)\"}")
    }

    mutating func add(
        name: String, tags: [String: String], image: String, userData: String?, isProtected: Bool
    ) -> String {
        tick()
        let number = cloud.machines.count + 1
        let id = Self.id(number)
        records[id] = Record(
            number: number, zone: settings.region + "a", userData: userData,
            launchedAtMilliseconds: cloud.clock.wallTime.milliseconds - 86_400_000)
        cloud.add(
            Instance(
                id: InstanceID("i-\(number)"), name: name, state: .running, image: ImageID(image),
                tags: tags.merging(["Name": name]) { old, _ in old }, isTerminationProtected: isProtected))
        return id
    }

    func allUserData() -> [String: String] {
        records.compactMapValues { record in
            record.userData.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    func snapshot() -> FacadeSnapshot {
        let sorted = records.sorted { $0.value.number < $1.value.number }
        return FacadeSnapshot(
            instances: sorted.compactMap { id, _ in
                guard let machine = truth(id) else { return nil }
                return FacadeSnapshot.Instance(
                    id: id, state: Self.stateName(machine.instance.state), image: machine.instance.image.rawValue,
                    tags: machine.instance.tags,
                    groups: groups.values.filter { group in
                        group.targets.contains { $0.key.id == id && $0.value.drainsSince == nil }
                    }.map(\.name).sorted(),
                    addresses: allocations.filter { $0.value.instance == id }.keys.sorted())
            })
    }
}

/// Milliseconds of the machine's monotonic clock.
private func monotonicMilliseconds() -> Int64 { milliseconds(CLOCK_MONOTONIC) }

/// Milliseconds since 1970.
func wallMilliseconds() -> Int64 { milliseconds(CLOCK_REALTIME) }

private func milliseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
