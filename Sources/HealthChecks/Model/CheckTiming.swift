internal import Workflow

/// When a check is measured and what its measurements add up to; the initial values are the language's defaults.
struct CheckTiming: Sendable, Hashable {
    enum Severity: String, Sendable, Hashable, CaseIterable {
        case critical
        case warning
    }

    enum Mode: String, Sendable, Hashable, CaseIterable {
        case enforce
        case observe
    }

    var interval: Span = .seconds(10)
    var timeout: Span = .seconds(5)
    var startupGrace: Span = .minutes(5)
    var successThreshold = 3
    var failureThreshold = 3
    var stableFor: Span = .seconds(30)
    var deadline: Span = .minutes(15)
    var maxTransitions = 4
    var consecutiveErrorLimit = 4
    var severity: Severity = .critical
    var mode: Mode = .enforce
    var phases: [CheckPhase] = [.verify, .bake]

    /// The shortest time in which a check with this timing can pass.
    var shortestPass: Span {
        max(stableFor, .milliseconds(interval.milliseconds * Int64(successThreshold - 1)))
    }
}
