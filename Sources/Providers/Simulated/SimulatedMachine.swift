public import Workflow

/// The truth about one simulated instance, whatever any read says of it.
///
/// Times are milliseconds of the world's clock. What happens by itself (booting, stopping, ending) is worked out from
/// the time when somebody looks.
public struct SimulatedMachine: Sendable {
    /// How the service on a machine does.
    public enum Health: String, Sendable {
        /// It answers well.
        case healthy
        /// It answers with warnings.
        case warning
        /// It does not answer, or wrongly.
        case failing
    }

    /// When something is so: from the first moment up to, not including, the second.
    typealias Period = Range<Int64>

    /// The instance as it is now.
    public internal(set) var instance: Instance
    /// When the service first comes up; for a replacement that is the end of its first boot.
    var serviceStartsAt: Int64
    /// How first boot ends, where it ends badly.
    var firstBootFailure: String?
    /// When first boot ends; never for one that is stuck.
    var firstBootEndsAt: Int64
    /// How many updates are left after first boot.
    var pendingUpdates = 0
    /// When its service fails, warns, or cannot be measured from our side.
    var failing: [Period] = []
    var warning: [Period] = []
    var unmeasurable: [Period] = []
    /// Whose it was before somebody else's tool changed its tag.
    var ownerBefore: String?
    /// Since when nobody lists it any more.
    var forgottenAt: Int64?
    /// What comes next by itself.
    private(set) var transition: (at: Int64, state: InstanceState)?
    private var versions: [(at: Int64, instance: Instance)]

    init(_ instance: Instance, at now: Int64, serviceStartsAt: Int64) {
        self.instance = instance
        self.serviceStartsAt = serviceStartsAt
        firstBootEndsAt = serviceStartsAt
        versions = [(now, instance)]
    }

    /// Changes the instance now.
    mutating func change(at now: Int64, _ body: (inout Instance) -> Void) {
        body(&instance)
        versions.append((now, instance))
        if versions.count > 48 { versions.removeFirst(16) }
    }

    /// Enters a state now that leads to another by itself later.
    mutating func enter(_ state: InstanceState, at now: Int64, then next: InstanceState, after span: Span) {
        change(at: now) { $0.state = state }
        transition = (now + span.milliseconds, next)
    }

    /// Enters a state now and stays in it.
    mutating func enter(_ state: InstanceState, at now: Int64) {
        transition = nil
        change(at: now) { $0.state = state }
    }

    /// Puts off what comes next, for ever when `moment` is the end of time.
    mutating func putOffTransition(until moment: Int64) {
        if let transition { self.transition = (max(transition.at, moment), transition.state) }
    }

    /// Does what has become due by itself.
    mutating func settle(at now: Int64) {
        guard let due = transition, due.at <= now else { return }
        transition = nil
        change(at: due.at) { $0.state = due.state }
        // A started machine brings its service up again by itself.
        if due.state == .running { serviceStartsAt = max(serviceStartsAt, due.at) }
        if due.state == .terminated, forgottenAt == nil { forgottenAt = due.at + 3_600_000 }
    }

    /// What a read shows that is answered from the state at `moment`; `nil` before the launch and long after the end.
    func shown(at moment: Int64) -> Instance? {
        if let forgottenAt, moment >= forgottenAt { return nil }
        return versions.last { $0.at <= moment }?.instance
    }

    /// How the service did at `moment`.
    public func health(at moment: Int64) -> Health {
        guard shown(at: moment)?.state == .running, moment >= serviceStartsAt else { return .failing }
        if failing.contains(where: { $0.contains(moment) }) { return .failing }
        return warning.contains { $0.contains(moment) } ? .warning : .healthy
    }

    /// Whether the service is up at `moment`, as a router asks.
    public func serves(at moment: Int64) -> Bool { health(at: moment) != .failing }

    /// Whether our side can measure the service at `moment`.
    func isMeasurable(at moment: Int64) -> Bool { !unmeasurable.contains { $0.contains(moment) } }

    /// Ends every trouble now.
    mutating func heal(at now: Int64) {
        failing = failing.map { $0.clamped(to: 0..<max(now, 0)) }
        warning = warning.map { $0.clamped(to: 0..<max(now, 0)) }
        unmeasurable = unmeasurable.map { $0.clamped(to: 0..<max(now, 0)) }
        if transition?.at == .max, let next = transition?.state { transition = (now + 1000, next) }
    }
}
