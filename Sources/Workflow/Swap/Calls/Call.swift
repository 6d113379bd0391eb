/// One mutating call of a swap: journalled before it is made, and repeated only as it is.
public struct Call: Sendable, Hashable, Codable {
    /// The call's number within its swap, from 1, never reused.
    public var number: Int
    /// Exactly what is asked.
    public var request: CallRequest

    /// Creates a call.
    public init(number: Int, request: CallRequest) {
        self.number = number
        self.request = request
    }
}

/// Everything that a swap may ask of the outside world.
public enum CallRequest: Sendable, Hashable, Codable {
    /// Launch the replacement.
    case launch(LaunchRequest)
    /// Stop an instance and keep its disk.
    case stop(InstanceID)
    /// Start a stopped instance.
    case start(InstanceID)
    /// Terminate an instance; made only when the tags re-read just before carry this swap's id.
    case terminate(InstanceID)
    /// Set tags; an absent value removes the tag.
    case tag(InstanceID, [TagChange])
    /// Change a router's members.
    case traffic(RouterName, TrafficChange)
    /// Take a snapshot of an instance under this name.
    case snapshot(InstanceID, name: String)
    /// Begin an update in place, or go on with one that was interrupted.
    case update(UpdateRequest)
    /// Reboot an instance, unless its boot is another one than `from` already.
    case reboot(InstanceID, from: String?)
    /// Bring an instance back to the snapshot of this name.
    case restore(InstanceID, name: String)
    /// Delete the snapshot of this name.
    case deleteSnapshot(InstanceID, name: String)

    /// The call in words.
    public var summary: String {
        switch self {
        case .launch(let request): "launch \(request.specification.name) from \(request.specification.image)"
        case .stop(let id): "stop \(id)"
        case .start(let id): "start \(id)"
        case .terminate(let id): "terminate \(id)"
        case .tag(let id, _): "tag \(id)"
        case .snapshot(let id, let name): "take the snapshot \(name) of \(id)"
        case .update(let request): "update \(request.instance)"
        case .reboot(let id, _): "reboot \(id)"
        case .restore(let id, let name): "restore \(id) to the snapshot \(name)"
        case .deleteSnapshot(let id, let name): "delete the snapshot \(name) of \(id)"
        case .traffic(let router, let change): "\(change.action.rawValue) \(change.instance) on \(router)"
        }
    }
}

/// One tag to set or remove.
public struct TagChange: Sendable, Hashable, Codable {
    /// The tag's name.
    public var name: String
    /// The new value; `nil` removes the tag.
    public var value: String?

    /// Creates a change.
    public init(_ name: String, _ value: String?) {
        self.name = name
        self.value = value
    }
}

/// What a successful call gave.
public enum CallOutcome: Sendable, Hashable, Codable {
    /// The launched instance.
    case launched(Instance)
    /// Nothing but success.
    case done
}

/// Why a call was given up, after the retries that its kind of failure allows.
public struct CallFailure: Sendable, Hashable, Codable {
    /// The adapter's stable code.
    public var code: String
    /// What went wrong, redacted.
    public var detail: String
    /// Whether the call may have taken effect all the same.
    public var isUncertain: Bool

    /// The code of a call that was not made because what was seen before it is too old to rely on.
    public static let outdatedCode = "outdated"

    /// Creates a failure.
    public init(code: String, detail: String, isUncertain: Bool) {
        self.code = code
        self.detail = detail
        self.isUncertain = isUncertain
    }
}
