internal import Documents
internal import Workflow

/// A check as it was read, before the file's defaults are known.
struct CheckDraft: Sendable {
    var id: String
    var kind: Check.Kind
    var assertions: [Assertion]
    var overrides: TimingOverrides
    var origin: CheckOrigin
    /// Where a comparison names its probe.
    var probeOrigin: CheckOrigin?

    /// The check with defaults filled in.
    func check(defaults: TimingOverrides) -> Check {
        var timing = defaults.applied(to: CheckTiming())
        if let minimum = kind.minimumTimeout { timing.timeout = max(timing.timeout, minimum) }
        if case .compare(let compare) = kind { timing = compare.adapted(timing) }
        timing = overrides.applied(to: timing)
        return Check(id: id, timing: timing, kind: kind, assertions: assertions, path: origin.path)
    }

    /// The mistake of a timing that can never pass.
    func neverPasses(_ check: Check) -> DocumentError? {
        guard check.shortestPass >= check.timing.deadline else { return nil }
        return origin.error(
            .invalid,
            "the check \"\(id)\" can never pass: it takes at least \(check.shortestPass.text), "
                + "and its deadline is \(check.timing.deadline.text)",
            suggestion: "lengthen deadline, or shorten \(kind.isComparison ? "samples" : "stableFor") or interval")
    }
}

/// The format of one check.
enum CheckFormat {
    private static let id = DocumentKey(
        "id", CheckFileFormat.identifier, isRequired: true, summary: "The check's name within the file.")

    private static let compare = DocumentKey(
        "compare", CompareFormat.compare.map(Check.Kind.compare),
        summary: "Compares the replacement with the original by another check's probe.")
    private static let kinds = ContentFormat.probes + GroupFormat.groups + [compare]

    /// One check of a file.
    static let draft = DocumentFormat<CheckDraft>.object(
        "check", keys: [id.shape] + ContentFormat.rows(kinds) + TimingKeys.rows,
        exactlyOneOf: kinds.map(\.name), orElse: "tls", rules: ContentFormat.rules(kinds) + CompareRules.ofCheck
    ) { object in
        let id = object[id]
        let overrides = TimingKeys.read(object)
        let content = ContentFormat.read(object, kinds)
        guard let id, let overrides, let content else { return nil }
        return CheckDraft(
            id: id, kind: content.kind, assertions: content.assertions, overrides: overrides,
            origin: CheckOrigin(object.place(of: "id") ?? object.cursor),
            probeOrigin: object.place(of: "compare")?.member("probe").map(CheckOrigin.init))
    }
}
