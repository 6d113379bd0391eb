internal import Documents

/// What a check or a member of a group must, may and may not have beside its kind.
enum ContentRules {
    /// Which assertions the kinds may have that have any.
    private static let assertable: [(kind: String, words: [String])] = [
        ("http", ["status", "header", "body", "json", "certificate", "duration"]),
        ("tcp", ["duration"]),
        ("dns", ["rcode", "answers", "duration"]),
        ("tls", ["certificate", "duration"]),
        ("exec", ["perfdata"]),
    ]

    /// The rules for a mapping that has exactly one of these kinds, or `tls` alone.
    static func rules(kinds: [String]) -> [DocumentRule] {
        tls(kinds) + needed(kinds) + fitting(kinds) + quantiles + DNSRecordType.allCases.map(answers)
    }

    private static let isHTTPS = DocumentCondition.member("http", .word("scheme", ["https"]))
    private static let isTLS = DocumentCondition.all([.has("tls"), .not(.has("http"))])

    private static func tls(_ kinds: [String]) -> [DocumentRule] {
        let message = "tls belongs to an http check with scheme: https"
        return [
            DocumentRule(
                "tls stands alone or beside http.", when: .has("tls"), demand: .hasNone(kinds.filter { $0 != "http" }),
                message: message, suggestion: "add scheme: https or remove tls", at: "tls"),
            DocumentRule(
                "tls beside http needs scheme: https.", when: .all([.has("tls"), .has("http")]), demand: isHTTPS,
                message: message, suggestion: "add scheme: https or remove tls", at: "tls"),
            DocumentRule(
                "Beside http, tls has no " + TLSFormat.probeKeys.joined(separator: ", ") + ".",
                when: .all([.has("tls"), .has("http")]), demand: .member("tls", .hasNone(TLSFormat.probeKeys)),
                message: "beside http, tls has no %found", suggestion: "write %found in http, or remove it"),
        ]
    }

    private static func needed(_ kinds: [String]) -> [DocumentRule] {
        [
            DocumentRule(
                "http needs assert.", when: .all([.has("http"), .hasNone(kinds.filter { $0 != "http" })]),
                demand: .has("assert"), code: .missingKey,
                message: "an http check needs \"assert\": without it every answer would pass",
                suggestion: "add for example \"assert: [{status: 200}]\""),
            DocumentRule(
                "tls with verify: false needs a certificate assertion.",
                when: .all([isTLS, .member("tls", .word("verify", ["false"]))]),
                demand: .some("assert", .has("certificate")), code: .missingKey,
                message: "with verify: false a tls check needs a certificate assertion: "
                    + "without it any server would pass",
                suggestion: "add for example \"assert: [{certificate: {expiresIn: {critical: \"2d:\"}}}]\""),
        ]
    }

    private static func fitting(_ kinds: [String]) -> [DocumentRule] {
        let without = kinds.filter { kind in !assertable.contains { $0.kind == kind } }
        let none = DocumentRule(
            without.joined(separator: ", ") + " have no assertions.", when: .hasAny(without),
            demand: .not(.has("assert")), code: .invalid, message: "this kind of check has no assertions",
            suggestion: "remove \"assert\"")
        let https = DocumentRule(
            "A certificate assertion in an http check needs scheme: https.",
            when: .all([.has("http"), .not(isHTTPS)]), demand: .every("assert", .not(.has("certificate"))),
            code: .invalid, message: "a certificate assertion needs scheme: https")
        let plugin = DocumentRule(
            "A perfdata assertion needs a plugin's output.",
            when: .member("exec", .word("interface", ["exitcode"])),
            demand: .every("assert", .not(.has("perfdata"))), message: "a perfdata assertion needs a plugin's output",
            suggestion: "write interface: nagios")
        return [none, https, plugin]
            + assertable.map { kind, words in
                DocumentRule(
                    "\(kind) can assert " + words.joined(separator: ", ") + ".",
                    when: kind == "tls" ? isTLS : .has(kind), demand: .every("assert", .onlyKeys(words)),
                    code: .invalid, message: "a \(kind) check cannot assert %found",
                    suggestion: "valid here: " + words.joined(separator: ", "))
            }
    }

    private static let quantiles: [DocumentRule] = {
        let steps = DurationExpectation.steps
        let kinds = assertable.filter { $0.words.contains("duration") }.map(\.kind)
        return steps.indices.map { index in
            let step = steps[index]
            let lower = index == 0 ? 0 : steps[index - 1].quantile
            let isInStep = DocumentCondition.all([.above("quantile", lower), .atMost("quantile", step.quantile)])
            let enough = kinds.map { kind -> DocumentCondition in
                let requests = DocumentCondition.member(kind, .atLeast("requests", Double(step.requests)))
                return kind == "tls" ? .all([.not(.has("http")), requests]) : requests
            }
            let summary = "a quantile above \(lower) needs at least \(step.requests) requests"
            return DocumentRule(
                summary, when: .some("assert", .member("duration", isInStep)), demand: .any(enough), code: .invalid,
                message: summary + ": of fewer it says nothing",
                suggestion: "add requests: \(step.requests) to %subject",
                at: "assert", subjects: kinds)
        }
    }()

    private static func answers(_ type: DNSRecordType) -> DocumentRule {
        let limits = TextForms.value(of: type)
        let isType = DocumentCondition.word("type", [type.rawValue])
        let values = DocumentCondition.member("answers", .all([.texts("contains", limits), .texts("equals", limits)]))
        return DocumentRule(
            "Each answer of type \(type) is \(type.form).",
            when: .member("dns", type == .a ? .any([.not(.has("type")), isType]) : isType),
            demand: .every("assert", .any([.not(.has("answers")), values])), code: .invalid,
            message: "\"%found\" is no value of \(type) records", suggestion: "write \(type.form)")
    }
}
