/// Approvals, waiting times and deadlines of one swap.
public struct SwapPolicy: Sendable, Hashable, Codable {
    /// Whether a person passes the checkpoint before promote.
    public enum Approval: String, Sendable, Hashable, Codable, CaseIterable {
        /// A person is asked.
        case ask
        /// Passed checks suffice.
        case auto
    }

    /// What happens when checks pass with warnings.
    public enum OnWarning: String, Sendable, Hashable, Codable, CaseIterable {
        /// Go on.
        case proceed
        /// Hold both instances and ask.
        case hold
    }

    /// What becomes of a replacement that failed.
    public enum OnFailure: String, Sendable, Hashable, Codable, CaseIterable {
        /// It is terminated once its evidence is saved.
        case rollback
        /// It is left running, out of rotation and tagged, to be looked at.
        case keep
    }

    /// Whether a person passes the checkpoint before promote.
    public var approval: Approval
    /// What happens when checks pass with warnings.
    public var onWarning: OnWarning
    /// What becomes of a replacement that failed.
    public var onFailure: OnFailure
    /// How long the outgoing member may finish its work, at least zero.
    public var drain: Span
    /// How long the replacement is watched after promote, at least zero.
    public var bake: Span
    /// How long the stopped original is kept, at least zero.
    public var hold: Span
    /// The longest that each part may take.
    public var deadlines: Deadlines

    /// Creates a policy.
    public init(
        approval: Approval = .ask, onWarning: OnWarning = .hold, onFailure: OnFailure = .rollback,
        drain: Span = .seconds(60), bake: Span = .minutes(10), hold: Span = .hours(24),
        deadlines: Deadlines = Deadlines()
    ) {
        self.approval = approval
        self.onWarning = onWarning
        self.onFailure = onFailure
        self.drain = drain
        self.bake = bake
        self.hold = hold
        self.deadlines = deadlines
    }

    /// The longest that each part of a swap may take; all stop counting while paused or waiting for a person.
    public struct Deadlines: Sendable, Hashable, Codable {
        /// For preflight, baseline checks included.
        public var preflight: Span
        /// From the launch call to a running instance.
        public var boot: Span
        /// From running to fully patched.
        public var patch: Span
        /// For the health checks on the replacement.
        public var verify: Span
        /// For moving traffic, beyond the drain time.
        public var promote: Span
        /// For stopping or terminating an instance.
        public var retire: Span
        /// For a rollback, after which the swap needs an operator.
        public var rollback: Span
        /// From preflight to the held original.
        public var total: Span

        /// Creates deadlines.
        public init(
            preflight: Span = .minutes(10), boot: Span = .minutes(10), patch: Span = .minutes(30),
            verify: Span = .minutes(15), promote: Span = .minutes(10), retire: Span = .minutes(10),
            rollback: Span = .minutes(30), total: Span = .hours(2)
        ) {
            self.preflight = preflight
            self.boot = boot
            self.patch = patch
            self.verify = verify
            self.promote = promote
            self.retire = retire
            self.rollback = rollback
            self.total = total
        }
    }
}
