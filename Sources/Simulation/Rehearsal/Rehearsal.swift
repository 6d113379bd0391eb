public import Providers
public import Workflow

/// One swap as a playbook wants it, on a simulated cloud and clock: the same arguments give the same report, always.
///
/// The engine is the real one and so are policy, routes and checks by name; instances, times and everything that
/// answers are made up from the seed. Nothing outside this process is read or written.
public struct Rehearsal: Sendable {
    /// The most steps of a rehearsal: minutes of work, where the usual one takes milliseconds.
    private static let stepLimit = 6_000_000

    /// The playbook.
    public let playbook: Playbook
    /// Its checks by name, with the phases that they take part in.
    public let checks: [SimulatedAssessor.Check]
    /// What goes wrong.
    public let faults: [RehearsedFault]
    /// What decides about everything that is left to chance.
    public let seed: UInt64
    /// Whether a checkpoint is answered.
    public let approves: Bool
    /// Whether it goes on when the original is held.
    public let goesToEnd: Bool

    /// Prepares a rehearsal.
    ///
    /// - Parameters:
    ///   - playbook: the playbook, with absolute paths or without; nothing is opened.
    ///   - checks: the checks by name, with the phases that they take part in.
    ///   - faults: what goes wrong.
    ///   - seed: what decides about times and everything else that is left to chance.
    ///   - approves: whether a checkpoint is answered; otherwise the rehearsal ends there.
    ///   - goesToEnd: whether it goes on when the original is held; a fault behind that point does so, too.
    public init(
        playbook: Playbook, checks: [SimulatedAssessor.Check], faults: [RehearsedFault] = [], seed: UInt64 = 1,
        approves: Bool = true, goesToEnd: Bool = false
    ) {
        self.playbook = playbook
        self.checks = checks
        self.faults = faults
        self.seed = seed
        self.approves = approves
        self.goesToEnd = goesToEnd || faults.contains(where: \.isAfterHold)
    }

    /// The instance that is swapped: made up so that the playbook's selection fits it.
    public var original: Instance {
        let selection = playbook.selection
        let name = selection.instances.first ?? "\(selection.tags["role"] ?? "web")-1"
        return Instance(
            id: InstanceID("i-1"), name: name, state: .running, image: ImageID("img-1"), address: "10.0.0.1",
            tags: selection.tags, launchedAt: WallTime(milliseconds: 1_790_000_000_000), properties: [:])
    }

    /// Rehearses to the end.
    public func report() -> RehearsalReport {
        let world = World(seed: seed, setting: setting)
        let director = RehearsalDirector(world: world, rehearsal: self)
        director.begin()
        var steps = 0
        while true {
            world.executor.drain()
            if director.hasEnded || world.monitor.violation != nil || steps == Self.stepLimit { break }
            guard world.clock.advance() else {
                world.monitor.fail(15, "nothing is going on any more, in \(director.stateName)")
                break
            }
            steps += 1
        }
        let report = director.report(isBrokenOff: steps == Self.stepLimit)
        director.close()
        world.executor.drain()
        return report
    }

    private var setting: World.Setting {
        var setting = World.Setting(original: original, routes: playbook.routes, checks: checks)
        setting.cloud = cloud
        setting.requestPollInterval = .seconds(1)
        return setting
    }

    /// A cloud whose times fit the deadlines: from a tenth to a third of each, and minutes at most.
    private var cloud: SimulatedCloud.Settings {
        let deadlines = playbook.policy.deadlines
        func times(_ deadline: Span, atMost longest: Span) -> ClosedRange<Span> {
            let upper = min(deadline.milliseconds / 3, longest.milliseconds)
            return Span(milliseconds: min(deadline.milliseconds / 10, upper / 3))...Span(milliseconds: upper)
        }
        return SimulatedCloud.Settings(
            boot: times(deadlines.boot, atMost: .minutes(2)), firstBoot: times(deadlines.patch, atMost: .minutes(6)),
            stop: times(deadlines.retire, atMost: .seconds(20)))
    }
}
