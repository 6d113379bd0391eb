public import Workflow

/// A process of ours in a simulated world: it may die or stand still at any moment.
public final class SimulatedProcess: WorkflowClock, @unchecked Sendable {
    /// The process's number, from 1.
    public let number: Int
    /// How leases name it.
    public let holder: LeaseHolder
    /// The world's clock.
    public let clock: VirtualClock
    /// Whether it has not died.
    public private(set) var isAlive = true
    /// Until when it stands still, in milliseconds of the world's clock.
    public private(set) var stalledUntil: Int64 = 0
    /// Called once, at its death.
    public var onDeath: @Sendable () -> Void = {}

    /// Creates a living process.
    public init(number: Int, holder: LeaseHolder, clock: VirtualClock) {
        self.number = number
        self.holder = holder
        self.clock = clock
    }

    /// Kills the process: nothing of it runs on, and whatever it waits for ends.
    public func die() {
        guard isAlive else { return }
        isAlive = false
        clock.endSleeps(of: number)
        onDeath()
        onDeath = {}
    }

    /// Stops the process until a moment of the world's clock; it does not notice.
    public func stall(until moment: Int64) {
        stalledUntil = max(stalledUntil, moment)
        clock.prolongSleeps(of: number, until: stalledUntil)
    }

    /// The wall time, as the process's machine has it.
    public func wallTime() -> WallTime { clock.wallTime }

    /// Milliseconds since the world began.
    public func monotonicMilliseconds() -> Int64 { clock.now }

    /// Waits; throws `CancellationError` when the task is cancelled or the process dies.
    public func sleep(for span: Span) async throws {
        guard isAlive else { throw CancellationError() }
        let left = Span(milliseconds: max(span.milliseconds, stalledUntil - clock.now))
        try await clock.sleep(for: left, owner: number)
        guard isAlive else { throw CancellationError() }
    }
}
