internal import Documents
internal import Workflow

/// What a `compare` check must agree with: the keys beside it, and the rest of its file.
struct CompareRules {
    /// The keys of timing that say nothing of a comparison, which has one verdict on all of its samples.
    private static let foreignKeys = ["successThreshold", "failureThreshold", "stableFor", "maxTransitions"]
    private static let phases = CompareCheck.phases.map(\.rawValue)

    /// What concerns the check's own keys.
    static let ofCheck =
        foreignKeys.map { key in
            DocumentRule(
                "compare has no \(key).", when: .has("compare"), demand: .hasNone([key]),
                message: "a comparison has no %found: its verdict is one on all samples", suggestion: "remove it")
        } + [
            DocumentRule(
                "compare takes part in " + phases.joined(separator: " and ") + " alone.", when: .has("compare"),
                demand: .texts("phase", DocumentTextLimits(pattern: phases.joined(separator: "|"))), code: .invalid,
                message: "in the phase %found there is only one instance, so nothing to compare",
                suggestion: "valid here: \(phases.joined(separator: ", "))")
        ]

    /// Every check of the file and of those that it extends.
    let checks: [Check]

    /// What is wrong with a check, if it is a comparison, in view of the others.
    func errors(of check: Check, _ draft: CheckDraft) -> [DocumentError] {
        guard case .compare(let compare) = check.kind else { return [] }
        var errors: [DocumentError] = []
        if let error = probeError(compare.probe, draft.probeOrigin ?? draft.origin) { errors.append(error) }
        if check.timing.phases.isEmpty {
            errors.append(
                draft.origin.error(
                    .missingKey,
                    "the comparison takes part in no phase: the phases of defaults have only one instance",
                    suggestion: "add phase: [\(Self.phases.joined(separator: ", "))]"))
        }
        return errors
    }

    private func probeError(_ name: String, _ origin: CheckOrigin) -> DocumentError? {
        let fitting = checks.filter { $0.kind.isComparable }.map(\.id)
        let named = checks.filter { $0.id == name }
        if let probe = named.first(where: { $0.kind.isComparable }) {
            guard case .dns(let dns) = probe.kind, let server = dns.server else { return nil }
            return origin.error(
                .invalid, "the check \"\(name)\" asks \(server) and not the instance: both sides would be the same",
                suggestion: "remove server from \"\(name)\", or name another check")
        }
        let valid =
            fitting.isEmpty
            ? "add an http, tcp, tls or dns check" : "valid here: " + fitting.joined(separator: ", ")
        let nearest = NearestName.find(name, in: fitting).map { "did you mean \"\($0)\"?" }
        guard named.isEmpty else {
            return origin.error(
                .invalid, "the check \"\(name)\" is no http, tcp, tls or dns check, so it cannot be compared",
                suggestion: valid)
        }
        return origin.error(
            .unknownValue, "there is no check \"\(name)\" in this file", suggestion: nearest ?? valid)
    }
}

extension Check.Kind {
    /// Whether a comparison may use the probe: one whose latency is the instance's.
    fileprivate var isComparable: Bool {
        switch self {
        case .http, .tcp, .tls, .dns: true
        case .exec, .systemd, .patched, .promql, .group, .compare: false
        }
    }
}
