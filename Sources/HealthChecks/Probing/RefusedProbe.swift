internal import Workflow

/// A member of a group that cannot be measured, such as for a secret that is not there; the others decide without it.
struct RefusedProbe: Probe {
    var reason: String

    func read(timeout: Span) async -> ProbeReading {
        ProbeReading(outcome: .unknown, reason: "refused", actual: reason, expected: "a probe that can be run")
    }
}
