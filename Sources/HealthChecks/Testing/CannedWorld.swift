internal import CurlTransport
internal import Synchronization
internal import Workflow

/// A world of given answers in virtual time, which passes only where somebody waits.
///
/// Each check has a time of its own, since checks do not meet; what the parts of one check do at the same time takes as
/// long as the longest of them.
final class CannedWorld: ProbeWorld {
    fileprivate let start: WallTime
    private let answers: [String: [CannedAnswer]]
    /// The places whose answers are given one per request rather than one per measurement.
    private let perRequest: Set<String>
    /// The places whose lists start anew at their end rather than stay at the last answer: sides of comparisons.
    private let cyclic: Set<String>
    private let state = Mutex<[CheckID: CheckState]>([:])

    private struct CheckState {
        var now: Int64 = 0
        var measurements = 0
        var parts: [String: Int64] = [:]
        var requests: [String: Int] = [:]

        var latest: Int64 { parts.values.reduce(now, max) }
    }

    init(_ testCase: CheckTestCase, of file: CheckFile) {
        start = WallTime(milliseconds: testCase.day.end.milliseconds - 86_400_000)
        answers = testCase.answers
        perRequest = Set(file.checks.flatMap(Self.placesAskedOften))
        cyclic = Set(file.checks.filter(\.kind.isComparison).flatMap(CheckTestNames.places))
    }

    var isLive: Bool { false }
    var isRedacted: Bool { true }

    func isOver(_ check: CheckID) -> Bool { false }
    func clock(_ place: ProbePlace) -> any WorkflowClock { Port(world: self, place: place) }
    func network(_ place: ProbePlace) -> any NetworkProbing { Port(world: self, place: place) }
    func inspector(_ place: ProbePlace) -> any PatchInspector { Port(world: self, place: place) }
    func controller(_ place: ProbePlace) -> any CommandRunner { Port(world: self, place: place) }
    func instance(_ place: ProbePlace, _ runner: any CommandRunner) -> any CommandRunner {
        Port(world: self, place: place)
    }

    /// The virtual time that has passed for a check.
    func elapsed(_ check: CheckID) -> Span {
        Span(milliseconds: state.withLock { $0[check]?.latest ?? 0 })
    }

    private static func placesAskedOften(_ check: Check) -> [String] {
        switch check.kind {
        case .group(let group):
            group.members.filter { $0.kind.requests > 1 }.map { "\(check.id)/\($0.id)" }
        case .http, .tcp, .tls, .dns, .exec, .systemd, .patched, .promql, .compare:
            check.kind.requests > 1 ? [check.id] : []
        }
    }
}

extension CannedWorld {
    fileprivate func now(_ place: ProbePlace) -> Int64 {
        state.withLock { states in
            let state = states[place.check] ?? CheckState()
            return place.part.map { state.parts[$0] ?? state.now } ?? state.latest
        }
    }

    /// Lets time pass between two measurements.
    fileprivate func sleep(_ place: ProbePlace, _ span: Span) {
        state.withLock { states in
            var state = states[place.check] ?? CheckState()
            if let part = place.part {
                state.parts[part] = (state.parts[part] ?? state.now) + span.milliseconds
            } else {
                state.now = state.latest + span.milliseconds
                state.parts = [:]
                state.measurements += 1
            }
            states[place.check] = state
        }
    }

    /// The next answer of a place, and whether it comes within the timeout; time passes until either.
    fileprivate func answer(_ place: ProbePlace, within timeout: Int64) -> (answer: CannedAnswer?, isLate: Bool) {
        let local = place.check.rawValue.split(separator: "/").last.map(String.init) ?? ""
        let name = place.part.map { "\(local)/\($0)" } ?? local
        let list = answers[name] ?? []
        return state.withLock { states in
            var state = states[place.check] ?? CheckState()
            let count = state.requests[name] ?? 0
            var number = perRequest.contains(name) ? count : state.measurements
            if cyclic.contains(name) { number %= max(1, list.reduce(0) { $0 + $1.times }) }
            let answer = Self.answer(number: number, of: list)
            state.requests[name] = count + 1
            let after = answer?.content == .failure("timeout") ? .max : answer?.after.milliseconds ?? 0
            let passed = min(after, timeout)
            if let part = place.part {
                state.parts[part] = (state.parts[part] ?? state.now) + passed
            } else {
                state.now += passed
            }
            states[place.check] = state
            return (answer, after > timeout)
        }
    }

    private static func answer(number: Int, of list: [CannedAnswer]) -> CannedAnswer? {
        var rest = number
        for answer in list {
            if rest < answer.times { return answer }
            rest -= answer.times
        }
        return list.last
    }

    fileprivate struct Port: Sendable {
        var world: CannedWorld
        var place: ProbePlace
    }
}

extension CannedWorld.Port: WorkflowClock {
    func wallTime() -> WallTime { world.start + Span(milliseconds: monotonicMilliseconds()) }

    func monotonicMilliseconds() -> Int64 { world.now(place) }

    func sleep(for span: Span) async throws {
        try Task.checkCancellation()
        world.sleep(place, span)
    }
}

extension CannedWorld.Port: NetworkProbing {
    /// The content of the next answer; throws what a transport would.
    private func content(_ timeout: Duration) throws(TransportError) -> CannedAnswer {
        let milliseconds = Int64(timeout / .milliseconds(1))
        let (answer, isLate) = world.answer(place, within: milliseconds)
        let timings = timings(isLate ? .milliseconds(milliseconds) : answer?.after.duration ?? .zero)
        guard !isLate else { throw TransportError(code: .timeout, detail: "no answer in time", timings: timings) }
        guard let answer else { throw TransportError(code: .internal, detail: "the test gives no answer") }
        guard case .failure(let word) = answer.content else { return answer }
        let code = CannedAnswer.transportFailures.first { $0.word == word }?.code
        throw TransportError(code: code ?? .internal, detail: "\(word), as the test says", timings: timings)
    }

    private func timings(_ total: Duration) -> TransferTimings {
        TransferTimings(firstByte: total, total: total)
    }

    private func unfit(_ asked: String) -> TransportError {
        TransportError(code: .internal, detail: "the test's answer is none to \(asked)")
    }

    private func certificates(of answer: CannedAnswer) -> [PeerCertificate] {
        answer.certificate.map { [$0.certificate(at: wallTime())] } ?? []
    }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let answer = try content(request.options.totalTimeout)
        guard case .response(let status, let headers, let body) = answer.content else {
            throw unfit("an HTTP request")
        }
        guard body.utf8.count <= request.options.maxResponseBytes else {
            throw TransportError(code: .tooLarge, detail: "more than \(request.options.maxResponseBytes) bytes")
        }
        return HTTPResponse(
            status: status, headers: headers, body: Array(body.utf8), timings: timings(answer.after.duration),
            certificates: certificates(of: answer))
    }

    func exchange(_ exchange: RawExchange) async throws(TransportError) -> RawExchangeResult {
        // A name is resolved by connecting, for which a test need not say anything.
        if exchange.finish == .connected, exchange.security == nil, case .tcp(let host, _) = exchange.endpoint,
            DNSName(reverseOf: host) == nil
        {
            return RawExchangeResult(received: [], remoteAddress: "192.0.2.2:1")
        }
        let answer = try content(exchange.totalTimeout)
        let received = try received(answer, exchange)
        return RawExchangeResult(
            received: received, timings: timings(answer.after.duration), certificates: certificates(of: answer))
    }

    private func received(_ answer: CannedAnswer, _ exchange: RawExchange) throws(TransportError) -> [UInt8] {
        switch (answer.content, exchange.finish) {
        case (.handshake, .connected): return []
        case (.bytes(let text), .contains(let wanted)):
            guard text.contains(String(decoding: wanted, as: UTF8.self)) else {
                throw TransportError(code: .reset, detail: "closed before the expected text came")
            }
            return Array(text.utf8)
        case (.bytes, .connected), (.bytes, .afterSend): return []
        case (.dns(let rcode, let values), .lengthPrefixed):
            let message = message(rcode, values, to: Array(exchange.send.dropFirst(2)))
            return [UInt8(message.count >> 8), UInt8(message.count & 0xFF)] + message
        default: throw unfit("an exchange over TCP")
        }
    }

    func datagram(_ exchange: DatagramExchange) async throws(TransportError) -> DatagramResult {
        let answer = try content(exchange.timeout)
        guard case .dns(let rcode, let values) = answer.content else { throw unfit("a DNS question") }
        return DatagramResult(
            received: message(rcode, values, to: exchange.payload), timings: timings(answer.after.duration))
    }

    private func message(_ rcode: DNSResponseCode, _ values: [String], to query: [UInt8]) -> [UInt8] {
        DNSMessageWriter.answer(
            to: query, rcode: rcode, values: values, type: DNSMessageWriter.type(of: query) ?? .a)
    }
}

extension CannedWorld.Port: CommandRunner {
    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        let (answer, isLate) = world.answer(place, within: command.timeout.milliseconds)
        if isLate { return CommandResult(termination: .timedOut, output: "", errorOutput: "") }
        switch answer?.content {
        case .command(let result): return result
        case .systemd(let units, let failed): return CannedSystemd(units: units, failed: failed).result(of: command)
        case .failure("signal"): return CommandResult(termination: .signalled(9), output: "", errorOutput: "")
        case .failure(let word):
            throw CommandError(CommandError.Code(rawValue: word) ?? .unreachable, detail: "\(word), as the test says")
        default: throw CommandError(.unreachable, detail: "the test's answer is none to a command")
        }
    }
}

extension CannedWorld.Port: PatchInspector {
    func patchStatus(
        via runner: any CommandRunner, policy: PatchPolicy, timeout: Span
    ) async throws(PatchInspectionError) -> PatchStatus {
        let (answer, isLate) = world.answer(place, within: timeout.milliseconds)
        if isLate { throw PatchInspectionError(.commandFailed, detail: "did not end within \(timeout.text)") }
        switch answer?.content {
        case .patched(let status): return status
        case .failure(let word):
            throw PatchInspectionError(
                PatchInspectionError.Code(rawValue: word) ?? .commandFailed, detail: "\(word), as the test says")
        default: throw PatchInspectionError(.malformedOutput, detail: "the test's answer is none to an inspection")
        }
    }

    func facts(
        via runner: any CommandRunner, address: String?, timeout: Span
    ) async throws(PatchInspectionError) -> MachineFacts {
        throw PatchInspectionError(.unsupportedSystem, detail: "a test has no facts")
    }
}
