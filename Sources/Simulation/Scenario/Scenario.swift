import Providers
import Workflow

/// Everything that one seed decides about a run before it begins.
struct Scenario: Sendable {
    /// Something that befalls the swap in one of its states.
    struct Injection: Sendable, CustomStringConvertible {
        enum Cause: Sendable, Hashable {
            case fault(SimulatedFault)
            case command(OperatorCommand)
        }

        var cause: Cause
        /// The state on whose entry it is prepared.
        var state: String
        /// How long after the entry it happens.
        var delay: Span
        /// How long what lasts a while lasts.
        var length: Span

        var name: String {
            switch cause {
            case .fault(let fault): fault.rawValue
            case .command(let command): command.rawValue
            }
        }

        var description: String { "\(name) in \(state) after \(delay.milliseconds) ms for \(length.milliseconds) ms" }
    }

    var seed: UInt64
    var setting: World.Setting
    var playbook: Playbook
    var injections: [Injection]
    /// When faults stop and everything that can be mended is.
    var healsAfter: Span
    /// Whether new processes may run on another machine, where a dead holder's lease has to be waited for.
    var usesTwoHosts: Bool

    /// The scenario of a seed; `isTranscribed` changes nothing of what happens.
    init(seed: UInt64, isTranscribed: Bool = false) {
        var random = SimulatedRandom(seed: seed, purpose: 1)
        self.seed = seed
        let routes = Self.routes(&random)
        let policy = Self.policy(&random)
        let writesEvidence = seed % 64 == 0
        setting = World.Setting(
            original: Self.original, routes: routes, checks: Self.checks(&random),
            neighbours: Int(random.number(0...2)),
            requestPollInterval: random.pick([.milliseconds(50), .milliseconds(250), .seconds(1), .seconds(3)])
                ?? .seconds(1),
            writesEvidence: writesEvidence, isTranscribed: isTranscribed)
        playbook = Playbook(name: "simulated", routes: routes, policy: policy)
        healsAfter = random.span(.minutes(4), .minutes(12))
        usesTwoHosts = random.chance(0.25)
        injections = Self.injections(&random)
    }

    static let original = Instance(
        id: InstanceID("i-1"), name: "web-1", state: .running, image: ImageID("img-1"), address: "10.0.0.1",
        tags: ["role": "web"], launchedAt: WallTime(milliseconds: 1_700_000_000_000), properties: ["size": "small"])

    private static func routes(_ random: inout SimulatedRandom) -> [TrafficRoute] {
        let count = [0, 1, 1, 1, 1, 1, 1, 2, 2, 2][Int(random.number(0...9))]
        return (0..<count).map {
            .command(CommandRoute(name: "lb-\($0 + 1)", command: ["simulated"], timeout: .seconds(10)))
        }
    }

    private static func checks(_ random: inout SimulatedRandom) -> [SimulatedAssessor.Check] {
        var checks = [SimulatedAssessor.Check(CheckID("web"))]
        if random.chance(0.3) { checks.append(.init(CheckID("pages"), phases: [.verify, .bake], isEnforced: false)) }
        if random.chance(0.1) { checks[0].phases.remove(.bake) }
        return checks
    }

    private static func policy(_ random: inout SimulatedRandom) -> SwapPolicy {
        let isTight = random.chance(0.12)
        let deadlines = SwapPolicy.Deadlines(
            preflight: .seconds(isTight ? 5 : 120), boot: .seconds(isTight ? 12 : 150),
            patch: .seconds(isTight ? 20 : 150), verify: .seconds(isTight ? 8 : 90),
            promote: .seconds(isTight ? 10 : 120), retire: .seconds(isTight ? 15 : 200),
            rollback: .seconds(isTight ? 30 : 300), total: .minutes(isTight ? 2 : 20))
        return SwapPolicy(
            approval: random.chance(0.5) ? .ask : .auto, onWarning: random.chance(0.5) ? .hold : .proceed,
            onFailure: random.chance(0.15) ? .keep : .rollback, drain: random.span(.zero, .seconds(6)),
            bake: random.span(.seconds(2), .seconds(15)), hold: random.span(.seconds(10), .seconds(60)),
            deadlines: deadlines)
    }

    /// Draws what befalls the swap: in most states something that it can get over, so that later states are reached,
    /// now and then what turns it back, and often enough an operator who turns it back.
    private static func injections(_ random: inout SimulatedRandom) -> [Injection] {
        var injections: [Injection] = []
        // Grave things befall a run in one part of its way, so that as many runs come to the later as to the early.
        let part = random.pick(parts) ?? .early
        for state in FaultTable.states {
            let count = FaultTable.weight(of: state)
            // Who is meant for the late states is spared most of the small things before.
            let isSpared = part == .late && !FaultTable.isLate(state) && !FaultTable.isRare(state)
            for _ in 0..<count where random.chance(isSpared ? 0.25 : 0.75) {
                if let fault = random.pick(mild[state] ?? []) {
                    injections.append(injection(.fault(fault), state, &random))
                }
            }
            for _ in 0..<count where random.chance(isSpared ? 0.1 : 0.5) {
                if let command = random.pick(harmless(in: state)) {
                    injections.append(injection(.command(command), state, &random))
                }
            }
        }
        for _ in 0..<random.number(4...6) {
            if let cell = random.pick(grave[part] ?? []) {
                injections.append(injection(.fault(cell.fault), cell.state, &random))
            }
        }
        for _ in 0..<random.number(0...3) {
            if let state = random.pick(FaultTable.states(in: part)), let command = random.pick(turning) {
                injections.append(injection(.command(command), state, &random))
            }
        }
        for _ in 0..<random.number(0...3) {
            if let command = random.pick(OperatorCommand.allCases) {
                injections.append(injection(.command(command), "needsOperator", &random))
            }
        }
        return injections
    }

    private static let parts: [FaultTable.Part] =
        Array(repeating: .early, count: 4) + Array(repeating: .middle, count: 4) + Array(repeating: .late, count: 4)

    private static func injection(
        _ cause: Injection.Cause, _ state: String, _ random: inout SimulatedRandom
    ) -> Injection {
        Injection(
            cause: cause, state: state, delay: random.chance(0.6) ? .zero : random.span(.zero, .seconds(6)),
            length: random.span(.seconds(1), .seconds(30)))
    }

    private static let turning: [OperatorCommand] = [.rollback, .cancel, .undo]
    /// The commands that a state refuses, or after which a swap goes on.
    private static func harmless(in state: String) -> [OperatorCommand] {
        OperatorCommand.allCases.filter { command in
            switch command {
            case .rollback: !FaultTable.canTurnBack(state)
            case .cancel: !FaultTable.canTurnBack(state) && state != "preflight"
            case .undo: state != "holding"
            case .approve, .promote, .pause, .resume, .retire: true
            }
        }
    }

    private static let mild: [String: [SimulatedFault]] = Dictionary(
        uniqueKeysWithValues: FaultTable.states.map { state in
            (
                state,
                SimulatedFault.allCases.filter {
                    FaultTable.states(of: $0).contains(state) && !FaultTable.isFatal($0)
                }
            )
        })

    private static let grave = Dictionary(
        uniqueKeysWithValues: FaultTable.Part.allCases.map { part in
            (
                part,
                SimulatedFault.allCases.filter(FaultTable.isFatal).flatMap { fault in
                    FaultTable.states(in: part).filter(FaultTable.states(of: fault).contains).map {
                        (fault: fault, state: $0)
                    }
                }
            )
        })
}
