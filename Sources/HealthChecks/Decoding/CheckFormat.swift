internal import Documents
internal import Workflow

/// A check as it was read, before the file's defaults are known.
struct CheckDraft: Sendable {
    var id: String
    var kind: Check.Kind
    var assertions: [Assertion]
    var overrides: TimingOverrides

    /// The check with defaults filled in; reports a timing that can never pass at its place.
    func check(defaults: TimingOverrides, at place: DocumentCursor) -> Check {
        var timing = defaults.applied(to: CheckTiming())
        if case .patched = kind { timing.timeout = max(timing.timeout, PatchedProbe.minimumTimeout) }
        timing = overrides.applied(to: timing)
        if timing.shortestPass >= timing.deadline {
            place.report(
                .invalid,
                "the check \"\(id)\" can never pass: it takes at least \(timing.shortestPass.text), "
                    + "and its deadline is \(timing.deadline.text)",
                suggestion: "lengthen deadline, or shorten stableFor or interval")
        }
        return Check(id: id, timing: timing, kind: kind, assertions: assertions)
    }
}

/// The format of one check.
enum CheckFormat {
    private static let id = DocumentKey(
        "id", CheckFileFormat.identifier, isRequired: true, summary: "The check's name within the file.")
    private static let tls = DocumentKey("tls", HTTPFormat.tls, summary: "How the https server is verified.")
    private static let assertions = DocumentKey(
        "assert", .list(of: AssertionFormat.assertion), summary: "What must hold of the answer; all of it.")

    private static let kinds = [
        DocumentKey("http", HTTPFormat.http.map(Check.Kind.http), summary: "Sends an HTTP request to the instance."),
        DocumentKey("tcp", TCPFormat.tcp.map(Check.Kind.tcp), summary: "Connects to a TCP port of the instance."),
        DocumentKey("exec", ExecFormat.exec.map(Check.Kind.exec), summary: "Runs a command or a monitoring plugin."),
        DocumentKey("patched", PatchedFormat.patched.map(Check.Kind.patched), summary: "Asks what is left to patch."),
    ]
    private static let laterKinds = ["dns", "systemd", "promql", "compare", "all", "any"].map { name in
        DocumentKey(name, notAvailable(name), summary: "Not available yet in this version.")
    }

    private static func notAvailable(_ name: String) -> DocumentFormat<Check.Kind> {
        DocumentFormat(.text(form: "a kind of check that this version does not have yet")) { cursor in
            cursor.report(
                .notAvailable, "the kind \"\(name)\" is not available yet in this version",
                suggestion: "use http, tcp, exec or patched")
            return nil
        }
    }

    /// One check of a file.
    static let draft = DocumentFormat<CheckDraft>.object(
        "check",
        keys: [id.shape, tls.shape, assertions.shape] + (kinds + laterKinds).map(\.shape) + TimingKeys.rows,
        exactlyOneOf: (kinds + laterKinds).map(\.name)
    ) { object in
        let id = object[id]
        let overrides = TimingKeys.read(object)
        let tls = object[tls]
        let assertions = object[assertions]
        guard let kind = kind(of: object) else { return nil }
        check(assertions, of: kind, in: object)
        let complete = with(tls, in: kind, object)
        guard let id, let overrides else { return nil }
        return CheckDraft(id: id, kind: complete, assertions: assertions ?? [], overrides: overrides)
    }

    /// The check's kind; `tls` alone is a kind of its own, which this version does not have.
    private static func kind(of object: DocumentObject) -> Check.Kind? {
        let all = kinds + laterKinds
        if let place = object.place(of: "tls"), !all.contains(where: { object.contains($0.name) }) {
            place.report(
                .notAvailable, "the kind \"tls\" is not available yet in this version",
                suggestion: "use http with scheme: https and a certificate assertion")
            return nil
        }
        return object.exactlyOne(of: all)
    }

    private static func with(_ tls: HTTPCheck.TLS?, in kind: Check.Kind, _ object: DocumentObject) -> Check.Kind {
        guard let tls else { return kind }
        if case .http(var http) = kind, http.scheme == .https {
            http.tls = tls
            return .http(http)
        }
        object.place(of: "tls")?.report(
            .conflictingKeys, "tls belongs to an http check with scheme: https",
            suggestion: "add scheme: https or remove tls")
        return kind
    }

    /// Reports assertions that are missing, or that do not fit the kind of check.
    private static func check(_ assertions: [Assertion]?, of kind: Check.Kind, in object: DocumentObject) {
        guard let place = object.place(of: "assert") else {
            if case .http = kind {
                object.cursor.report(
                    .missingKey, "an http check needs \"assert\": without it every answer would pass",
                    suggestion: "add for example \"assert: [{status: 200}]\"")
            }
            return
        }
        switch kind {
        case .http(let http):
            for assertion in assertions ?? [] {
                if case .certificate = assertion, http.scheme == .http {
                    place.report(.invalid, "a certificate assertion needs scheme: https")
                }
            }
        case .tcp:
            let isFitting = (assertions ?? []).allSatisfy { if case .duration = $0 { true } else { false } }
            if !isFitting { place.report(.invalid, "a tcp check can only assert its duration") }
        case .exec, .patched:
            place.report(.invalid, "this kind of check has no assertions", suggestion: "remove \"assert\"")
        }
    }
}
