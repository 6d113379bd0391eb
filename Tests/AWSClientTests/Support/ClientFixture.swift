import AWSClient
import CurlTransport
import Foundation
import Synchronization
import Testing
import Workflow

/// A clock that stands still: sleeping moves it on and returns at once.
final class LeapingClock: WorkflowClock {
    private struct State {
        var now: Int64 = 0
        var naps: [Int64] = []
    }

    private let state = Mutex(State())
    private let epoch: WallTime

    init(epoch: WallTime = WallTime(milliseconds: 1_800_000_000_000)) { self.epoch = epoch }

    /// How long everybody slept so far, in order, in milliseconds.
    var naps: [Int64] { state.withLock { $0.naps } }

    func wallTime() -> WallTime { WallTime(milliseconds: epoch.milliseconds + monotonicMilliseconds()) }
    func monotonicMilliseconds() -> Int64 { state.withLock { $0.now } }
    func advance(by span: Span) { state.withLock { $0.now += span.milliseconds } }

    func sleep(for span: Span) async throws {
        try Task.checkCancellation()
        state.withLock {
            $0.now += span.milliseconds
            $0.naps.append(span.milliseconds)
        }
    }
}

/// A client whose requests go to one script of the server.
struct ClientFixture {
    static let canaries = ["AKIDCANARYKEY", "canary+secret/key", "canary+session/token=="]

    let server: ScriptServer
    let script: String
    let clock: LeapingClock
    let client: AWSClient
    let transport: CurlTransport
    let actions: Requests

    final class Requests: Sendable {
        private let all = Mutex<[String]>([])
        func add(_ action: String) { all.withLock { $0.append(action) } }
        var names: [String] { all.withLock { $0 } }
    }

    init(
        _ steps: [ScriptServer.Step], clock: LeapingClock = LeapingClock(), environment: [String: String] = [:]
    ) async throws {
        server = try ScriptServer.shared
        script = try await server.script(steps)
        self.clock = clock
        transport = try CurlTransport()
        let requests = Requests()
        actions = requests
        let own = [
            "AWS_ACCESS_KEY_ID": Self.canaries[0], "AWS_SECRET_ACCESS_KEY": Self.canaries[1],
            "AWS_SESSION_TOKEN": Self.canaries[2], "AWS_REGION": "eu-central-1", "AWS_EC2_METADATA_DISABLED": "true",
        ]
        client = AWSClient(
            settings: AWSSettings(endpoint: "\(server.base)/s/\(script)"),
            environment: own.merging(environment) { $1 }.filter { !$0.value.isEmpty }, transport: transport,
            clock: clock, random: { 0.5 }, onRequest: { requests.add($0) })
    }

    /// The requests that the server saw.
    var seen: [ScriptServer.Seen] {
        get async throws { try await server.log(script) }
    }

    static let read = AWSCall(.ec2, "DescribeInstances", ["InstanceId.1": "i-1"], repetition: .harmless)
    static let write = AWSCall(.ec2, "RunInstances", ["MinCount": "1"], repetition: .effective)

    /// The time of the fixture's clock, as a server tells it.
    static let now = "Fri, 15 Jan 2027 08:00:00 GMT"

    /// EC2's refusal with a code.
    static func refusal(_ code: String, status: Int = 400, message: String = "no", date: String = now)
        -> ScriptServer.Step
    {
        ScriptServer.Step(
            status: status, headers: ["Date": date],
            body: "<?xml version=\"1.0\"?><Response><Errors><Error><Code>\(code)</Code><Message>\(message)</Message>"
                + "</Error></Errors><RequestID>req-7</RequestID></Response>")
    }

    static let success = ScriptServer.Step(body: "<R xmlns=\"x\"><requestId>r</requestId></R>")
}

/// Runs a call that must fail, and returns its error.
func failure<Value>(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws(AWSError) -> Value
) async throws -> AWSError {
    do throws(AWSError) {
        let value = try await body()
        Issue.record("returned \(value) instead of failing", sourceLocation: sourceLocation)
        throw AWSError(.rejected, action: "", detail: "no failure", isRetryable: false)
    } catch {
        return error
    }
}

/// A folder for one test, removed with it.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("aws-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
        return "\(path)/\(name)"
    }
}
