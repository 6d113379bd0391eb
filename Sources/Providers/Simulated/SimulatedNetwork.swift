public import Workflow

/// The way between our processes and the simulated cloud and routers, with the faults that are waiting to bite.
public final class SimulatedNetwork: @unchecked Sendable {
    /// How long one way takes, from and to.
    struct Latency: Sendable {
        var shortest = Span.milliseconds(2)
        var longest = Span.milliseconds(60)
    }

    /// What happens to one exchange.
    struct Fate {
        var requestTime: Span
        var answerTime: Span
        var fault: SimulatedFault?
    }

    let clock: VirtualClock
    private var random: SimulatedRandom
    private var waiting: [SimulatedFault] = []
    private var outageEnd: Int64 = 0
    private let latency = Latency()
    /// Sees what happens.
    public weak var witness: (any SimulatedWitness)?

    /// Creates a network without faults.
    public init(clock: VirtualClock, seed: UInt64) {
        self.clock = clock
        random = SimulatedRandom(seed: seed, purpose: 11)
    }

    /// Lets a fault of the way bite the next exchange that it can.
    public func await(_ fault: SimulatedFault) {
        waiting.append(fault)
    }

    /// Lets nothing answer for a while.
    public func fail(for span: Span) {
        outageEnd = clock.now + span.milliseconds
    }

    /// Ends every fault.
    public func heal() {
        waiting = []
        outageEnd = 0
    }

    /// Draws what happens to the next exchange; `isMutating` ones alone can arrive twice.
    func fate(isMutating: Bool) -> Fate {
        var fate = Fate(
            requestTime: random.span(latency.shortest, latency.longest),
            answerTime: random.span(latency.shortest, latency.longest))
        if clock.now < outageEnd {
            fate.fault = .outage
        } else if let index = waiting.firstIndex(where: { isMutating || $0 != .duplicate }) {
            fate.fault = waiting.remove(at: index)
        }
        if fate.fault == .slowAnswer { fate.answerTime = random.span(.seconds(20), .seconds(90)) }
        if let fault = fate.fault { witness?.suffered(fault) }
        return fate
    }

    /// Carries a request there and an answer back, as fate will have it.
    ///
    /// `effect` is what the other side does. It happens once the request has arrived even when the sender died after
    /// sending it: what is on its way arrives.
    func exchange<Answer: Sendable, Failure: Error>(
        by process: SimulatedProcess, isMutating: Bool, failure: (NetworkFailure) -> Failure,
        effect: @escaping @Sendable () -> Result<Answer, Failure>
    ) async -> Result<Answer, Failure> {
        guard process.isAlive else { return .failure(failure(.senderGone)) }
        defer { if isMutating { witness?.callEnds(by: process) } }
        let fate = fate(isMutating: isMutating)
        let journey = Journey<Result<Answer, Failure>>()
        let arrivesAnyway = isMutating && random.chance(0.5)
        let lateness = random.span(.milliseconds(1), .seconds(3))
        let arrive: @Sendable () -> Void = {
            journey.answer = effect()
            if fate.fault == .duplicate { journey.answer = effect() }
        }
        if fate.fault != .lostRequest && fate.fault != .outage {
            // On its way a request no longer depends on its sender: one that stands still or dies has sent it.
            clock.schedule(after: fate.requestTime) { [clock] in
                if process.isAlive { arrive() } else if arrivesAnyway { clock.schedule(after: lateness, arrive) }
            }
        }
        do { try await process.sleep(for: fate.requestTime + fate.answerTime) } catch {
            return .failure(failure(.senderGone))
        }
        switch fate.fault {
        case .garbledAnswer: return .failure(failure(.garbled))
        case .lostAnswer, .lostRequest, .outage: return .failure(failure(.reset))
        default: return journey.answer ?? .failure(failure(.reset))
        }
    }
}

/// What came of a request on the other side.
private final class Journey<Answer>: @unchecked Sendable {
    var answer: Answer?
}

/// How an exchange failed before the other side's word came through.
enum NetworkFailure {
    /// The connection was reset; nobody knows whether before or after the effect.
    case reset
    /// The answer could not be understood.
    case garbled
    /// The process that asked has died or was cancelled.
    case senderGone

    /// The failure in words, with a secret such as careless programs print, which must be gone before it is stored.
    var detail: String {
        switch self {
        case .reset: "the connection was reset (authorization: \(SimulatedCloud.secret))"
        case .garbled: "the answer ends in the middle (authorization: \(SimulatedCloud.secret))"
        case .senderGone: "the process has ended"
        }
    }
}
