public import Workflow

/// Moves traffic through the operator's own program, for routers that Changeover does not know.
///
/// The program is run on the controller, without a shell, with the action as its last argument, and reads one JSON
/// object with a line feed from standard input: `{"action":"register","address":"10.0.0.7","instance":"i-0abc",
/// "route":"edge"}`. `address` is absent when unknown, `instance` and `address` are absent for `members`.
///
/// | action | what it does |
/// |---|---|
/// | `members` | prints a JSON array; each object has `name`, `address`, `status` and perhaps `openSessions` |
/// | `register` | adds the instance; it gets work once the router itself sees it healthy |
/// | `drain` | sends the instance no new work and lets existing work finish |
/// | `remove` | takes the instance out |
/// | `restore` | sends a drained or removed instance work again |
///
/// `status` is one of `inService`, `unhealthy`, `draining`, `disabled`; an unknown key or value is an error. Exit code 0
/// means that the change was taken; any other refuses it, with the last line of standard error as the reason. Every
/// action may be repeated and must then change nothing further. A program that outlives the route's timeout is killed
/// with its process group.
public struct CommandRouter: TrafficRouter {
    private let reading: CommandReading

    /// Creates a router; `runner` runs the program on this machine.
    public init(route: CommandRoute, runner: any CommandRunner) {
        reading = CommandReading(route: route, router: TrafficRoute.command(route).name, runner: runner)
    }

    /// The router's name, `command:<name>`.
    public var name: RouterName { reading.router }

    /// The slot's key, `command:<name>`.
    public var slot: String { reading.router.rawValue }

    /// Reads every member that the program prints.
    public func members() async throws(TrafficError) -> [TrafficMember] {
        try await reading.members()
    }

    /// Runs the program for one change; throws `refused` when it exits with another code than 0.
    public func apply(_ change: TrafficChange) async throws(TrafficError) {
        let action = change.action.rawValue
        let result = try await reading.run(action, instance: change.instance, address: change.address)
        guard result.termination == .exited(0) else {
            throw reading.failure(result, action: action, code: .refused)
        }
    }
}
