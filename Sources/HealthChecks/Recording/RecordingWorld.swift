internal import CurlTransport
internal import Synchronization
internal import Workflow

/// The real world with everything that it says written down.
///
/// The checks are given what is written, so that a replay, which has no more than that, judges the same.
final class RecordingWorld: ProbeWorld {
    /// How many bytes of answers a recording holds at most.
    static let maximumBytes = 256 << 20

    fileprivate let base: LiveWorld
    fileprivate let redaction: Redaction
    fileprivate let start: Int64
    private let size = Mutex(0)
    private let logs = Mutex<[ProbePlace: PlaceLog]>([:])

    init(base: LiveWorld, redaction: Redaction) {
        self.base = base
        self.redaction = redaction
        start = base.clock.monotonicMilliseconds()
    }

    var isLive: Bool { true }
    var isRedacted: Bool { true }

    /// What was written so far, by the places' names.
    var places: [String: PlaceLog] {
        logs.withLock { logs in
            Dictionary(logs.map { ($0.key.description, $0.value) }) { first, _ in first }
        }
    }

    func isOver(_ check: CheckID) -> Bool { false }

    func clock(_ place: ProbePlace) -> any WorkflowClock { port(place) }
    func network(_ place: ProbePlace) -> any NetworkProbing { port(place) }
    func inspector(_ place: ProbePlace) -> any PatchInspector { port(place) }
    func controller(_ place: ProbePlace) -> any CommandRunner { Runner(port: port(place), runner: base.controller) }

    func instance(_ place: ProbePlace, _ runner: any CommandRunner) -> any CommandRunner {
        Runner(port: port(place), runner: runner)
    }

    private func port(_ place: ProbePlace) -> Port { Port(world: self, place: place) }

    /// Whether more was said than a recording may hold.
    var isOverfull: Bool { size.withLock { $0 > Self.maximumBytes } }

    fileprivate func write(_ place: ProbePlace, _ change: (inout PlaceLog) -> Void) {
        logs.withLock { change(&$0[place, default: PlaceLog()]) }
    }

    fileprivate func write(_ answer: RecordedAnswer, _ place: ProbePlace) {
        let isOverfull = size.withLock { size in
            size += answer.bytes
            return size > Self.maximumBytes
        }
        if !isOverfull { write(place) { $0.answers.append(answer) } }
    }
}

extension RecordingWorld {
    /// The ports of one part of a check.
    fileprivate struct Port: Sendable {
        var world: RecordingWorld
        var place: ProbePlace

        /// Writes an answer down, unless the check has been broken off meanwhile, which then does not count it.
        func write(_ answer: RecordedAnswer, to question: String) {
            var answer = Task.isCancelled ? RecordedAnswer(isBrokenOff: true) : answer
            answer.question = question
            world.write(answer, place)
        }

        func write(_ error: TransportError, to question: String) -> TransportError {
            let recorded = RecordedTransportError(error, world.redaction)
            let isBrokenOff = error.code == .cancelled
            write(
                isBrokenOff ? RecordedAnswer(isBrokenOff: true) : RecordedAnswer(transportError: recorded), to: question
            )
            return isBrokenOff ? error : recorded.error
        }
    }

    private struct Runner: CommandRunner {
        var port: Port
        var runner: any CommandRunner

        func run(
            _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
        ) async throws(CommandError) -> CommandResult {
            let question = ProbeQuestion.text(command)
            do throws(CommandError) {
                let result = port.world.redaction.command(try await runner.run(command, onLine: onLine))
                port.write(RecordedAnswer(command: result), to: question)
                return result
            } catch {
                guard error.code != .cancelled else {
                    port.write(RecordedAnswer(isBrokenOff: true), to: question)
                    throw error
                }
                let recorded = RecordedCommandError(error, port.world.redaction)
                port.write(RecordedAnswer(commandError: recorded), to: question)
                throw recorded.error
            }
        }
    }

    /// Takes secrets out of what an inspection reads.
    fileprivate struct RedactingRunner: CommandRunner {
        var redaction: Redaction
        var runner: any CommandRunner

        func run(
            _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
        ) async throws(CommandError) -> CommandResult {
            redaction.command(try await runner.run(command, onLine: onLine))
        }
    }
}

extension RecordingWorld.Port: WorkflowClock {
    func wallTime() -> WallTime {
        let now = world.base.clock.wallTime()
        world.write(place) { $0.wall.append(now) }
        return now
    }

    func monotonicMilliseconds() -> Int64 {
        let now = world.base.clock.monotonicMilliseconds() - world.start
        world.write(place) { $0.clock.append(now) }
        return now
    }

    func sleep(for span: Span) async throws {
        try await world.base.clock.sleep(for: span)
    }
}

extension RecordingWorld.Port: NetworkProbing {
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let question = ProbeQuestion.text(request)
        do throws(TransportError) {
            let recorded = RecordedResponse(try await world.base.network.send(request), world.redaction)
            write(RecordedAnswer(http: recorded), to: question)
            return recorded.response
        } catch {
            throw write(error, to: question)
        }
    }

    func exchange(_ exchange: RawExchange) async throws(TransportError) -> RawExchangeResult {
        let question = ProbeQuestion.text(exchange)
        do throws(TransportError) {
            var recorded = RecordedExchange(try await world.base.network.exchange(exchange), world.redaction)
            let result = recorded.result
            recorded.received = ProbeQuestion.withoutNumber(recorded.received, of: exchange)
            write(RecordedAnswer(exchange: recorded), to: question)
            return result
        } catch {
            throw write(error, to: question)
        }
    }

    func datagram(_ exchange: DatagramExchange) async throws(TransportError) -> DatagramResult {
        let question = ProbeQuestion.text(exchange)
        do throws(TransportError) {
            let result = try await world.base.network.datagram(exchange)
            let raw = RawExchangeResult(received: result.received, timings: result.timings)
            var recorded = RecordedExchange(raw, world.redaction)
            let shown = recorded.result
            recorded.received = ProbeQuestion.withoutNumber(recorded.received, of: exchange)
            write(RecordedAnswer(exchange: recorded), to: question)
            return DatagramResult(received: shown.received, timings: shown.timings)
        } catch {
            throw write(error, to: question)
        }
    }
}

extension RecordingWorld.Port: PatchInspector {
    func patchStatus(
        via runner: any CommandRunner, policy: PatchPolicy, timeout: Span
    ) async throws(PatchInspectionError) -> PatchStatus {
        let question = ProbeQuestion.text(policy)
        let runner = RecordingWorld.RedactingRunner(redaction: world.redaction, runner: runner)
        do throws(PatchInspectionError) {
            let status = try await world.base.inspector.patchStatus(via: runner, policy: policy, timeout: timeout)
            write(RecordedAnswer(patchStatus: status), to: question)
            return status
        } catch {
            guard error.code != .cancelled else {
                write(RecordedAnswer(isBrokenOff: true), to: question)
                throw error
            }
            let recorded = RecordedInspectionError(error, world.redaction)
            write(RecordedAnswer(inspectionError: recorded), to: question)
            throw recorded.error
        }
    }

    func facts(
        via runner: any CommandRunner, address: String?, timeout: Span
    ) async throws(PatchInspectionError) -> MachineFacts {
        try await world.base.inspector.facts(via: runner, address: address, timeout: timeout)
    }
}
