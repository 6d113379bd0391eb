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
            neighbours: Int(random.number(0...2)), writesEvidence: writesEvidence, isTranscribed: isTranscribed)
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

    /// Draws what befalls the swap: mostly what it can get over, so that later states are reached, and now and then
    /// something that turns it back.
    private static func injections(_ random: inout SimulatedRandom) -> [Injection] {
        var injections: [Injection] = []
        for _ in 0..<random.number(2...7) {
            guard let state = random.pick(weightedStates) else { continue }
            let injection = random.chance(0.22) ? command(in: state, &random) : fault(in: state, &random)
            if let injection { injections.append(injection) }
        }
        return injections
    }

    /// States that few swaps reach are drawn more often.
    private static let weightedStates = FaultTable.states.flatMap { state in
        Array(repeating: state, count: weights[state] ?? 2)
    }
    private static let weights = [
        "rollingBack": 5, "retiringReplacement": 5, "terminatingOriginal": 5, "holding": 4, "stoppingOriginal": 4,
        "promoting": 4,
    ]

    private static func fault(in state: String, _ random: inout SimulatedRandom) -> Injection? {
        let possible = SimulatedFault.allCases.filter { FaultTable.states(of: $0).contains(state) }
        guard let fault = random.pick(possible) else { return nil }
        if FaultTable.isFatal(fault), random.chance(0.5) { return nil }
        let isArmed = random.chance(0.6)
        return Injection(
            cause: .fault(fault), state: state, delay: isArmed ? .zero : random.span(.zero, .seconds(8)),
            length: random.span(.seconds(1), .seconds(30)))
    }

    private static func command(in state: String, _ random: inout SimulatedRandom) -> Injection? {
        guard let command = random.pick(OperatorCommand.allCases) else { return nil }
        if [.rollback, .cancel, .undo].contains(command), random.chance(0.4) { return nil }
        return Injection(
            cause: .command(command), state: state, delay: random.span(.zero, .seconds(6)),
            length: random.span(.seconds(1), .seconds(60)))
    }
}
