internal import Documents

/// The format of one element of `assert`.
enum AssertionFormat {
    private static let kinds: [DocumentKey<Assertion>] = [
        DocumentKey("status", status.map(Assertion.status), summary: "The status code."),
        DocumentKey("header", HeaderFormat.header, summary: "A header field."),
        DocumentKey("body", body.map(Assertion.body), summary: "The body as text."),
        DocumentKey("json", json, summary: "One value of a JSON body."),
        DocumentKey("certificate", CertificateFormat.certificate, summary: "The server's certificate."),
        DocumentKey("duration", DurationFormat.duration, summary: "How long the probe took."),
        DocumentKey(
            "rcode", DNSFormat.responseCode.map(Assertion.responseCode), summary: "What a DNS server says."),
        DocumentKey("answers", DNSFormat.answers.map(Assertion.answers), summary: "A DNS server's answers."),
        DocumentKey("perfdata", PerformanceFormat.performance, summary: "One value of a plugin's performance data."),
    ]

    /// One assertion.
    static let assertion = DocumentFormat<Assertion>.object(
        "assertion", keys: kinds.map(\.shape), exactlyOneOf: kinds.map(\.name)
    ) { $0.exactlyOne(of: kinds) }

    private static let code = DocumentFormat<Int>.integer(in: 100...599)
    private static let codes = DocumentKey(
        "in", .list(of: code), isRequired: true, summary: "The status codes that are right.")
    private static let status = DocumentFormat<[Int]>.either(
        text: code.map { [$0] }, list: .list(of: code),
        mapping: .object("status", keys: [codes.shape]) { $0[codes] })

    private static let body = TextExpectationFormat.rule("body")

    private static let path = DocumentKey(
        "path", pathFormat, isRequired: true, summary: "A singular JSONPath query (RFC 9535), such as $.queue.depth.")
    private static let value = DocumentKey("equals", jsonValue, summary: "The value; quoted it is a text.")
    private static let exists = DocumentKey(
        "exists", DocumentFormat<Bool>.boolean, summary: "Whether the value must be there and not null.")

    private static let pathFormat = DocumentFormat<String>.text(
        "a path such as $.status", limits: TextForms.jsonPath
    ) { text in
        var problem = "an index has more than 15 digits"
        do throws(JSONPath.ParseError) {
            _ = try JSONPath(text: text)
        } catch {
            problem = error.problem
        }
        return .invalid(
            "\"\(text.prefix(60))\" is no singular JSONPath query: \(problem)",
            suggestion: "write names and indexes only, such as $.items[0].name")
    }.refine { text, _ in try? JSONPath(text: text) }

    private static let jsonRules: [DocumentRule] = {
        let summary = "a json assertion needs exactly one of equals, exists, or warning and critical"
        let range = ["warning", "critical"]
        return [
            .atLeastOne(of: ["equals", "exists"] + range, summary),
            DocumentRule(summary, when: .has("equals"), demand: .hasNone(["exists"] + range)),
            DocumentRule(summary, when: .has("exists"), demand: .hasNone(range)),
        ]
    }()

    private static let json = DocumentFormat<Assertion>.object(
        "json", keys: [path.shape, value.shape, exists.shape] + ThresholdFormat.rows(.number),
        rules: jsonRules
    ) { object in
        let path = object[path]
        let hasRange = object.contains("warning") || object.contains("critical")
        let equals = object[value].map(JSONExpectation.equals)
        let isThere = object[exists].map(JSONExpectation.exists)
        let range = hasRange ? ThresholdFormat.read(object, .number).map(JSONExpectation.within) : nil
        guard let path, let rule = equals ?? isThere ?? range else { return nil }
        return .json(path, rule)
    }

    private static let jsonValue = DocumentFormat<JSONValue>(.json) { cursor in
        if cursor.node.isNull, case .scalar(let scalar) = cursor.node.content, scalar.text == "null" { return .null }
        guard let scalar = cursor.scalar(expecting: .json) else { return nil }
        guard scalar.style == .plain else { return .string(scalar.text) }
        switch scalar.text {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        default:
            let isNumber = scalar.text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?/) != nil
            return isNumber ? Double(scalar.text).map(JSONValue.number) : .string(scalar.text)
        }
    }
}
