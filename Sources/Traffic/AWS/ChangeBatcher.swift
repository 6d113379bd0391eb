import AWSClient
import Workflow

/// Gathers changes of one kind that come within a moment and sends them in one call.
///
/// The call is made in the task of the first that came; when that one is cancelled, the next takes its place. When the
/// service refuses a call for several, each sends its own alone, so that one bad change harms nobody else.
actor ChangeBatcher<Change: Sendable & Hashable> {
    private let clock: any WorkflowClock
    private let window: Span
    private let busyWindow: Span
    private let limit: Int
    private let send: @Sendable ([Change]) async throws(AWSError) -> Void
    /// Whether somebody leads a batch whose call has not begun.
    private var isGathering = false
    private var queue: [Entry] = []
    private var waiting: [Int: CheckedContinuation<Fate, Never>] = [:]
    private var nextID = 0
    /// When a batch began last.
    private var lastLead: Int64?

    /// For how long after a batch others are likely to come.
    private static var busyMilliseconds: Int64 { 500 }

    private struct Entry {
        var id: Int
        var change: Change
    }

    private enum Fate {
        case done
        case failed(AWSError)
        /// Send the own change alone.
        case alone
        /// Send what has gathered.
        case lead
        /// Join a new batch: the call of this one was cancelled.
        case again
        /// The own task was cancelled.
        case cancelled
    }

    /// Creates a batcher of at most `limit` changes a call, which waits `window` for others to come, and `busyWindow`
    /// soon after another batch, when many swaps are under way.
    init(
        clock: any WorkflowClock, window: Span, busyWindow: Span? = nil, limit: Int,
        send: @escaping @Sendable ([Change]) async throws(AWSError) -> Void
    ) {
        self.clock = clock
        self.window = window
        self.busyWindow = busyWindow ?? window
        self.limit = limit
        self.send = send
    }

    /// How many changes wait for the first of their batch.
    var waitingCount: Int { waiting.count }

    /// Sends a change, alone or with others; returns once the service has taken it.
    func submit(_ change: Change) async throws(AWSError) {
        while true {
            switch isGathering ? await joined(change) : await gathered() {
            case .done: return
            case .failed(let error): throw error
            case .alone: return try await send([change])
            case .lead:
                switch await flush(with: change) {
                case .done: return
                case .failed(let error): throw error
                case .alone, .again, .lead, .cancelled: return try await send([change])
                }
            case .again: continue
            case .cancelled:
                throw AWSError(.cancelled, action: "", detail: "the change was cancelled", isRetryable: false)
            }
        }
    }

    /// Waits for others as the first of a batch.
    private func gathered() async -> Fate {
        isGathering = true
        let now = clock.monotonicMilliseconds()
        let isBusy = lastLead.map { now - $0 < Self.busyMilliseconds } ?? false
        lastLead = now
        do { try await clock.sleep(for: isBusy ? busyWindow : window) } catch {
            passLead()
            return .cancelled
        }
        return .lead
    }

    /// Waits, as one of the others, for what becomes of the batch.
    private func joined(_ change: Change) async -> Fate {
        let id = nextID
        nextID += 1
        queue.append(Entry(id: id, change: change))
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiting[id] = $0 }
        } onCancel: {
            // This actor registers the continuation before it can take this up, so it is never missed.
            Task { await self.abandon(id) }
        }
    }

    private func abandon(_ id: Int) {
        queue.removeAll { $0.id == id }
        waiting.removeValue(forKey: id)?.resume(returning: .cancelled)
    }

    /// Makes the next in the queue send what has gathered; without one, the next to come begins anew.
    private func passLead() {
        guard !queue.isEmpty else {
            isGathering = false
            return
        }
        resume(queue.removeFirst(), .lead)
    }

    private func resume(_ entry: Entry, _ fate: Fate) {
        waiting.removeValue(forKey: entry.id)?.resume(returning: fate)
    }

    private func flush(with own: Change) async -> Fate {
        let batch = Array(queue.prefix(limit - 1))
        queue.removeFirst(batch.count)
        passLead()
        var changes = [own]
        for entry in batch where !changes.contains(entry.change) { changes.append(entry.change) }
        do throws(AWSError) {
            try await send(changes)
            for entry in batch { resume(entry, .done) }
            return .done
        } catch {
            if error.kind == .cancelled || Task.isCancelled {
                for entry in batch { resume(entry, .again) }
                return .failed(error)
            }
            let fate: Fate = error.kind == .rejected && changes.count > 1 ? .alone : .failed(error)
            for entry in batch { resume(entry, fate) }
            return fate
        }
    }
}
