public import Workflow

/// The time of a simulated world: it stands still until `advance` moves it to the next thing that is due.
///
/// Equal deadlines are served in the order in which they were registered, so that a run depends on its seed alone.
/// Everything in a simulated world runs on one thread, its executor's; nothing here may be called from another.
public final class VirtualClock: @unchecked Sendable {
    fileprivate enum Action {
        case resume(CheckedContinuation<Void, any Error>, owner: Int)
        case call(@Sendable () -> Void)
    }

    fileprivate struct Entry {
        var deadline: Int64
        var number: Int
        var action: Action

        /// Later entries first, so that the next one is the array's last.
        static func isLater(_ left: Entry, _ right: Entry) -> Bool {
            (left.deadline, left.number) > (right.deadline, right.number)
        }
    }

    private var entries: [Entry] = []
    private var lastNumber = 0
    private let epoch: WallTime
    private var wallOffset = Span.zero
    /// Milliseconds since the world began.
    public private(set) var now: Int64 = 0

    /// Creates a clock whose wall time starts at `epoch`, by default on 2027-01-15.
    public init(epoch: WallTime = WallTime(milliseconds: 1_800_000_000_000)) {
        self.epoch = epoch
    }

    /// The wall time, jumps included.
    public var wallTime: WallTime { epoch + Span(milliseconds: now) + wallOffset }

    /// Moves the wall clock, and not the monotonic one, by a span that may be negative.
    public func jump(by span: Span) {
        wallOffset = wallOffset + span
    }

    /// Waits until the clock has moved on by `span`; throws `CancellationError` at once when the task is cancelled or
    /// the owner's sleepers are ended.
    public func sleep(for span: Span, owner: Int) async throws {
        lastNumber += 1
        let number = lastNumber
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                if Task.isCancelled { return continuation.resume(throwing: CancellationError()) }
                guard span > .zero else { return continuation.resume() }
                insert(
                    Entry(
                        deadline: now + span.milliseconds, number: number, action: .resume(continuation, owner: owner)))
            }
        } onCancel: {
            cancel(number)
        }
    }

    /// Calls `body` once the clock has moved on by `span`.
    public func schedule(after span: Span, _ body: @escaping @Sendable () -> Void) {
        lastNumber += 1
        insert(Entry(deadline: now + max(span, .zero).milliseconds, number: lastNumber, action: .call(body)))
    }

    /// Moves to the next thing that is due and does it; `false` when nothing is.
    public func advance() -> Bool {
        guard let next = entries.popLast() else { return false }
        now = max(now, next.deadline)
        switch next.action {
        case .resume(let continuation, _): continuation.resume()
        case .call(let body): body()
        }
        return true
    }

    /// Forgets what was to be called, so that nothing of a world that is over is kept by it.
    public func forgetCalls() {
        entries.removeAll { entry in
            if case .call = entry.action { return true }
            return false
        }
    }

    /// Ends every sleep of an owner with `CancellationError`, as its death does.
    public func endSleeps(of owner: Int) {
        let ended = entries.filter { $0.isSleep(of: owner) }
        entries.removeAll { $0.isSleep(of: owner) }
        for case .resume(let continuation, _) in ended.reversed().map(\.action) {
            continuation.resume(throwing: CancellationError())
        }
    }

    /// Keeps an owner's sleepers asleep until `moment` at least, as a stopped process does.
    public func prolongSleeps(of owner: Int, until moment: Int64) {
        var prolonged = entries.filter { $0.isSleep(of: owner) && $0.deadline < moment }
        entries.removeAll { $0.isSleep(of: owner) && $0.deadline < moment }
        for index in prolonged.indices { prolonged[index].deadline = moment }
        for entry in prolonged { insert(entry) }
    }

    private func cancel(_ number: Int) {
        guard let index = entries.firstIndex(where: { $0.number == number }) else { return }
        guard case .resume(let continuation, _) = entries.remove(at: index).action else { return }
        continuation.resume(throwing: CancellationError())
    }

    private func insert(_ entry: Entry) {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if Entry.isLater(entries[middle], entry) { low = middle + 1 } else { high = middle }
        }
        entries.insert(entry, at: low)
    }
}

extension VirtualClock.Entry {
    fileprivate func isSleep(of wanted: Int) -> Bool {
        if case .resume(_, let owner) = action { return owner == wanted }
        return false
    }
}
