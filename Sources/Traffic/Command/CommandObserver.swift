public import Workflow

/// Reads members through the operator's own program, and never asks it for a change.
///
/// See `CommandRouter` for what the program has to do; an observer only ever calls it with `members`.
public struct CommandObserver: TrafficObserver {
    private let reading: CommandReading

    /// Creates an observer; `runner` runs the program on this machine.
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
}
