import Workflow

/// Keeps the lease of one swap alive, and makes sure before each call that it outlasts the call.
actor LeaseKeeper {
    /// The longest that one call may take.
    static let callTimeout = Span.seconds(45)
    /// A lease's length: a call's timeout and a margin for the journal, with room to renew in time.
    static let length = Span.seconds(90)
    private static let margin = Span.seconds(5)
    private static let renewalInterval = Span.seconds(20)

    private let journal: any Journal
    private let clock: any WorkflowClock
    private(set) var lease: Lease

    init(_ lease: Lease, journal: any Journal, clock: any WorkflowClock) {
        self.lease = lease
        self.journal = journal
        self.clock = clock
    }

    /// Makes sure that a call started now ends within the lease; throws when the lease is lost.
    func ensureCallFits() async throws(JournalError) {
        // Looked at again after renewing, since a slow store may have used up what it gave.
        while lease.expiresAtMonotonicMilliseconds - clock.monotonicMilliseconds()
            < (Self.callTimeout + Self.margin).milliseconds
        {
            lease = try await journal.renew(lease, leaseLength: Self.length)
        }
    }

    /// Renews the lease until cancelled; returns the error when the lease is lost.
    func keepAlive() async -> JournalError? {
        while !Task.isCancelled {
            do { try await clock.sleep(for: Self.renewalInterval) } catch { return nil }
            do {
                lease = try await journal.renew(lease, leaseLength: Self.length)
            } catch {
                if error.code == .leaseLost { return error }
                // A store that cannot be written just now may recover; appends say so when it matters.
            }
        }
        return nil
    }

    func release() async {
        try? await journal.release(lease)
    }
}
