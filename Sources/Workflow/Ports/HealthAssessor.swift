/// Runs health checks against an instance until they have a verdict.
public protocol HealthAssessor: Sendable {
    /// Runs every check of the request's phase and returns their verdict.
    ///
    /// `onProgress` is called on every measurement. Throws only `CancellationError`; whatever goes wrong on our side
    /// makes a check inconclusive. A request without any check for its phase is inconclusive, never a pass.
    func assess(
        _ request: AssessmentRequest, onProgress: @escaping @Sendable (CheckProgress) -> Void
    ) async throws -> HealthAssessment
}

/// What to assess.
public struct AssessmentRequest: Sendable {
    /// How long the checks go on.
    public enum Mode: Sendable, Hashable {
        /// Until every check has passed, failed or met its own deadline.
        case untilVerdict
        /// For this long, ended early only by a failed check; without grace, since the instance serves already.
        case watch(Span)
        /// One measurement of each check that says something of the service, without grace, counters or `stableFor`.
        ///
        /// A critical one fails the check; `consecutiveErrorLimit` unknown ones make it inconclusive. Used for the
        /// baseline on the original and for the last look before something is terminated.
        case once
    }

    /// The check documents, frozen in the plan.
    public var documents: [CheckDocument]
    /// Which checks of the documents take part.
    public var phase: CheckPhase
    /// How long the checks go on.
    public var mode: Mode
    /// The instance under test.
    public var instance: Instance
    /// The instance that it is to replace, where that one still runs, with its present address; for comparisons.
    public var original: Instance?
    /// Runs commands on the instance under test.
    public var runner: any CommandRunner
    /// Whether loopback addresses may be probed: only where the provider's instances live there.
    public var allowsLoopback: Bool
    /// Whether comparisons take no part, since there is one instance only.
    public var skipsComparisons: Bool

    /// Creates a request.
    public init(
        documents: [CheckDocument], phase: CheckPhase, mode: Mode, instance: Instance,
        original: Instance? = nil, runner: any CommandRunner, allowsLoopback: Bool,
        skipsComparisons: Bool = false
    ) {
        self.documents = documents
        self.phase = phase
        self.mode = mode
        self.instance = instance
        self.original = original
        self.runner = runner
        self.allowsLoopback = allowsLoopback
        self.skipsComparisons = skipsComparisons
    }
}

/// A check file, frozen in a plan so that editing it later changes nothing.
public struct CheckDocument: Sendable, Hashable, Codable {
    /// Where the file was, for messages; relative files it names, such as a CA, are resolved beside it.
    public var path: String
    /// The whole YAML text.
    public var text: String

    /// The files that it extends, directly and through others, each once; `nil` where it extends none.
    public var extended: [CheckDocument]?

    /// Creates a document.
    public init(path: String, text: String, extended: [CheckDocument]? = nil) {
        self.path = path
        self.text = text
        self.extended = extended
    }
}
