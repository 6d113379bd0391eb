internal import CurlTransport
internal import Synchronization
internal import Workflow

/// A recording as the outside world: it says again what it said then, in the same order, and takes no time.
final class ReplayWorld: ProbeWorld {
    private let logs: [String: PlaceLog]
    /// How many measurements of each check counted.
    private let counts: [CheckID: Int]
    private let state = Mutex(State())

    fileprivate struct State {
        /// How much of each place has been said.
        var positions: [ProbePlace: Position] = [:]
        var over: Set<CheckID> = []
    }

    fileprivate struct Position {
        var clock = 0
        var wall = 0
        var answers = 0
    }

    init(_ cassette: Cassette) {
        logs = cassette.places
        counts = Dictionary(cassette.assessment.results.map { ($0.check, $0.measurementCount) }) { first, _ in first }
    }

    var isLive: Bool { false }
    var isRedacted: Bool { true }

    func isOver(_ check: CheckID) -> Bool { state.withLock { $0.over.contains(check) } }

    func isOver(_ check: CheckID, after measurements: Int) -> Bool {
        guard measurements >= counts[check] ?? 0 else { return false }
        state.withLock { _ = $0.over.insert(check) }
        return true
    }

    func clock(_ place: ProbePlace) -> any WorkflowClock { Port(world: self, place: place) }
    func network(_ place: ProbePlace) -> any NetworkProbing { Port(world: self, place: place) }
    func inspector(_ place: ProbePlace) -> any PatchInspector { Port(world: self, place: place) }
    func controller(_ place: ProbePlace) -> any CommandRunner { Port(world: self, place: place) }
    func instance(_ place: ProbePlace, _ runner: any CommandRunner) -> any CommandRunner {
        Port(world: self, place: place)
    }
}

extension ReplayWorld {
    /// The next value of a place's list; the last one when the list has ended.
    fileprivate func next<Value>(
        _ place: ProbePlace, _ list: KeyPath<PlaceLog, [Value]>, _ position: WritableKeyPath<Position, Int>
    ) -> Value? {
        let values = logs[place.description]?[keyPath: list] ?? []
        let index = state.withLock { state in
            let index = state.positions[place, default: Position()][keyPath: position]
            state.positions[place, default: Position()][keyPath: position] = index + 1
            // The last thing that a check does when it is broken off is to look at the clock.
            return state.over.contains(place.check) ? values.count : index
        }
        return index < values.count ? values[index] : values.last
    }

    /// The next answer; `nil`, and the check is over, when there is none.
    fileprivate func answer(_ place: ProbePlace, to question: String) -> RecordedAnswer? {
        let answers = logs[place.description]?.answers ?? []
        return state.withLock { state in
            let index = state.positions[place, default: Position()].answers
            // An answer to another question is none: the check file asks for something else than then.
            guard index < answers.count, answers[index].isBrokenOff != true, answers[index].question == question else {
                state.over.insert(place.check)
                return nil
            }
            state.positions[place, default: Position()].answers = index + 1
            return answers[index]
        }
    }

    fileprivate struct Port: Sendable {
        var world: ReplayWorld
        var place: ProbePlace
    }
}

extension ReplayWorld.Port: WorkflowClock {
    func wallTime() -> WallTime {
        world.next(place, \.wall, \.wall) ?? WallTime(milliseconds: 0)
    }

    func monotonicMilliseconds() -> Int64 {
        world.next(place, \.clock, \.clock) ?? 0
    }

    func sleep(for span: Span) async throws {
        try Task.checkCancellation()
    }
}

extension ReplayWorld.Port: NetworkProbing {
    private func answer<Value>(
        to question: String, _ value: (RecordedAnswer) -> Value?
    ) throws(TransportError) -> Value {
        let answer = world.answer(place, to: question)
        if let error = answer?.transportError { throw error.error }
        guard let value = answer.flatMap(value) else {
            throw TransportError(code: .cancelled, detail: "the recording has ended")
        }
        return value
    }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        try answer(to: ProbeQuestion.text(request)) { $0.http?.response }
    }

    func exchange(_ exchange: RawExchange) async throws(TransportError) -> RawExchangeResult {
        let recorded = try answer(to: ProbeQuestion.text(exchange)) { $0.exchange }
        var result = recorded.result
        result.received = ProbeQuestion.withoutNumber(recorded.received, of: exchange).bytes
        return result
    }

    func datagram(_ exchange: DatagramExchange) async throws(TransportError) -> DatagramResult {
        let recorded = try answer(to: ProbeQuestion.text(exchange)) { $0.exchange }
        return DatagramResult(
            received: ProbeQuestion.withoutNumber(recorded.received, of: exchange).bytes,
            timings: recorded.timings.timings)
    }
}

extension ReplayWorld.Port: CommandRunner {
    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        let answer = world.answer(place, to: ProbeQuestion.text(command))
        if let error = answer?.commandError { throw error.error }
        guard let result = answer?.command else {
            throw CommandError(.cancelled, detail: "the recording has ended")
        }
        return result
    }
}

extension ReplayWorld.Port: PatchInspector {
    func patchStatus(
        via runner: any CommandRunner, policy: PatchPolicy, timeout: Span
    ) async throws(PatchInspectionError) -> PatchStatus {
        let answer = world.answer(place, to: ProbeQuestion.text(policy))
        if let error = answer?.inspectionError { throw error.error }
        guard let status = answer?.patchStatus else {
            throw PatchInspectionError(.cancelled, detail: "the recording has ended")
        }
        return status
    }

    func facts(
        via runner: any CommandRunner, address: String?, timeout: Span
    ) async throws(PatchInspectionError) -> MachineFacts {
        throw PatchInspectionError(.cancelled, detail: "a recording has no facts")
    }
}
