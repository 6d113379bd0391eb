/// Something that a swap waits to see with its own eyes before it goes on.
public enum Observation: Sendable, Hashable, Codable {
    /// The instance runs and has an address.
    case running(InstanceID)
    /// The instance is stopped.
    case stopped(InstanceID)
    /// The instance is terminated, or a complete read no longer knows it.
    case terminated(InstanceID)
    /// The first boot of the instance has ended well.
    case firstBootFinished(InstanceID)
    /// Nothing is left to patch on the instance and no reboot is pending.
    case fullyPatched(InstanceID)
    /// The router itself sees the instance healthy and sends it new work.
    case inService(RouterName, InstanceID, address: String)
    /// The instance has no open sessions at the router, or the drain time has passed.
    case drained(RouterName, InstanceID, address: String, timeout: Span)
    /// The router sends the instance nothing.
    case outOfRotation(RouterName, InstanceID, address: String)
    /// Whether a launch whose outcome is unknown created an instance: found, or proven absent.
    case launchSettled(LaunchToken)
    /// The update has ended on its machine.
    case updateEnded(InstanceID, UpdateToken)
    /// The instance runs, in another boot than this one.
    case rebooted(InstanceID, from: String?)

    /// What is waited for, in words.
    public var summary: String {
        switch self {
        case .running(let id): "\(id) to run"
        case .stopped(let id): "\(id) to be stopped"
        case .terminated(let id): "\(id) to be terminated"
        case .firstBootFinished(let id): "the first boot of \(id) to finish"
        case .fullyPatched(let id): "\(id) to have nothing left to patch"
        case .inService(let router, let id, _): "\(router) to see \(id) healthy"
        case .drained(let router, let id, _, _): "\(id) to finish its work on \(router)"
        case .outOfRotation(let router, let id, _): "\(id) to be out of rotation on \(router)"
        case .updateEnded(let id, _): "the update of \(id) to end"
        case .rebooted(let id, _): "\(id) to be up again in a new boot"
        case .launchSettled: "proof whether the launch created an instance"
        }
    }
}

/// A run of health checks that a swap waits for.
public struct Assessment: Sendable, Hashable, Codable {
    /// Which of the two instances is assessed.
    public enum Subject: String, Sendable, Hashable, Codable {
        /// The outgoing instance.
        case original
        /// The incoming instance.
        case replacement
    }

    /// How long the checks go on.
    public enum Length: Sendable, Hashable, Codable {
        /// Until there is a verdict.
        case untilVerdict
        /// For this long.
        case watch(Span)
        /// One measurement of each check.
        case once
    }

    /// Which of the two instances is assessed.
    public var subject: Subject
    /// Which checks take part.
    public var phase: CheckPhase
    /// How long they go on.
    public var length: Length

    /// Creates an assessment.
    public init(subject: Subject, phase: CheckPhase, length: Length) {
        self.subject = subject
        self.phase = phase
        self.length = length
    }
}
