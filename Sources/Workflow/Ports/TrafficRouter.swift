/// The half of a traffic router that cannot change anything.
public protocol TrafficObserver: Sendable {
    /// The router's name in plans, ledgers and messages.
    var name: RouterName { get }

    /// Reads every member of the routed service; complete or throws.
    func members() async throws(TrafficError) -> [TrafficMember]

    /// Whether `remove` cuts what a member still does; otherwise a member that was drained finishes its work by itself.
    var cutsOnRemoval: Bool { get }

    /// How long the router itself lets a member that is drained finish its work; `nil` where it has no such time.
    func drainTime() async throws(TrafficError) -> Span?

    /// The key of the traffic slot, such as `haproxy:/run/haproxy.sock/web`; two live swaps never share a slot member.
    var slot: String { get }
}

extension TrafficObserver {
    /// It does.
    public var cutsOnRemoval: Bool { true }

    /// No time of its own.
    public func drainTime() async throws(TrafficError) -> Span? { nil }
}

/// Moves a service's traffic between instances.
///
/// Every change may be repeated and then has no further effect.
public protocol TrafficRouter: TrafficObserver {
    /// Makes one change; returns once the router has taken it, not once it shows effect.
    func apply(_ change: TrafficChange) async throws(TrafficError)
}

/// One change of a router's members.
public struct TrafficChange: Sendable, Hashable, Codable {
    /// What to do with the member.
    public enum Action: String, Sendable, Hashable, Codable {
        /// Add the member so that it receives new work once the router sees it healthy.
        case register
        /// Send the member no new work; let its existing work finish.
        case drain
        /// Take the member out, cutting what is left; adapters keep a statically configured member listed but disabled.
        case remove
        /// Send a drained or removed member new work again.
        case restore
    }

    /// What to do with the member.
    public var action: Action
    /// The instance whose membership changes.
    public var instance: InstanceID
    /// The instance's address; required for `register` and `restore`.
    public var address: String?

    /// Creates a change.
    public init(_ action: Action, instance: InstanceID, address: String?) {
        self.action = action
        self.instance = instance
        self.address = address
    }
}

/// One member of a routed service, as the router reports it.
public struct TrafficMember: Sendable, Hashable, Codable {
    /// What the router does with the member.
    public enum Status: String, Sendable, Hashable, Codable {
        /// Healthy and receiving new work.
        case inService
        /// Registered, and not yet (or no longer) seen healthy.
        case unhealthy
        /// Finishing existing work only.
        case draining
        /// Registered and switched off.
        case disabled
    }

    /// The router's own name for the member.
    public var name: String
    /// The instance, where the router knows members by their instances and not by their addresses.
    public var instance: InstanceID?
    /// The member's address, without port; empty where the router does not know it.
    public var address: String
    /// What the router does with it.
    public var status: Status
    /// Sessions or connections open now; `nil` when the router cannot tell.
    public var openSessions: Int?

    /// Creates a member.
    public init(
        name: String, instance: InstanceID? = nil, address: String, status: Status, openSessions: Int?
    ) {
        self.name = name
        self.instance = instance
        self.address = address
        self.status = status
        self.openSessions = openSessions
    }

    /// Whether the member stands for an instance, which has `address`.
    public func stands(for id: InstanceID, at address: String?) -> Bool {
        if let instance { return instance == id }
        return !self.address.isEmpty && self.address == address
    }
}

/// Why a router's call did not do what it was asked; its description is safe to print.
public struct TrafficError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The stable kinds of failure.
    public enum Code: String, Sendable, Hashable, Codable {
        /// The router cannot be reached; worth another try.
        case unavailable
        /// The router's socket, backend or program does not exist.
        case notFound
        /// The router refused the change.
        case refused
        /// The request is wrong, so that repeating it is pointless.
        case invalidRequest
        /// An answer that cannot be understood.
        case malformedAnswer
        /// The surrounding task was cancelled.
        case cancelled
    }

    /// The kind of failure.
    public var code: Code
    /// The router.
    public var router: RouterName
    /// What went wrong and what to do about it, without secrets.
    public var detail: String

    /// Creates a traffic error.
    public init(_ code: Code, router: RouterName, detail: String) {
        self.code = code
        self.router = router
        self.detail = detail
    }

    /// Whether the identical request may succeed later.
    public var isRetryable: Bool { code == .unavailable }

    /// The router, what went wrong, and the code.
    public var description: String { "\(router): \(detail) [\(code.rawValue)]" }
}
