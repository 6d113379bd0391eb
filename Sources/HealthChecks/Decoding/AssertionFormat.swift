internal import Documents

/// The format of one element of `assert`.
enum AssertionFormat {
    private static let kinds: [DocumentKey<Assertion>] = [
        DocumentKey("status", status.map(Assertion.status), summary: "The status code."),
        DocumentKey("header", header, summary: "A header field."),
        DocumentKey("body", body.map(Assertion.body), summary: "The body as text."),
        DocumentKey("json", json, summary: "One value of a JSON body."),
        DocumentKey("certificate", certificate, summary: "The server's certificate."),
        DocumentKey("duration", duration, summary: "How long the probe took."),
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

    private static let name = DocumentKey(
        "name", DocumentFormat<String>.text, isRequired: true, summary: "The header field's name.")
    private static let equals = DocumentKey(
        "equals", DocumentFormat<String>.text.map(TextExpectation.equals), summary: "The whole text.")
    private static let contains = DocumentKey(
        "contains", DocumentFormat<String>.text.map(TextExpectation.contains), summary: "A part of the text.")
    private static let matches = DocumentKey(
        "matches", pattern.map(TextExpectation.matches), summary: "A regular expression found in the text.")
    private static let present = DocumentKey(
        "exists", presence.map { _ in TextExpectation.exists }, summary: "true: the field is there.")

    private static let presence = DocumentFormat<Bool>.choice([("true", true)])

    private static let pattern = DocumentFormat<String>.text("a regular expression").refine { text, cursor in
        guard (try? Regex(text)) != nil else {
            cursor.report(.invalid, "\"\(text.prefix(60))\" is no regular expression")
            return String?.none
        }
        return text
    }

    private static let header = DocumentFormat<Assertion>.object(
        "header", keys: [name.shape] + headerRules.map(\.shape), exactlyOneOf: headerRules.map(\.name)
    ) { object in
        let name = object[name]
        let rule = object.exactlyOne(of: headerRules)
        guard let name, let rule else { return nil }
        return .header(name: name, rule)
    }
    private static let headerRules: [DocumentKey<TextExpectation>] = [equals, contains, matches, present]

    private static let bodyRules: [DocumentKey<TextExpectation>] = [equals, contains, matches]
    private static let body = DocumentFormat<TextExpectation>.object(
        "body", keys: bodyRules.map(\.shape), exactlyOneOf: bodyRules.map(\.name)
    ) { $0.exactlyOne(of: bodyRules) }

    private static let path = DocumentKey(
        "path", pathFormat, isRequired: true, summary: "A singular JSONPath query (RFC 9535), such as $.queue.depth.")
    private static let value = DocumentKey("equals", jsonValue, summary: "The value; quoted it is a text.")
    private static let exists = DocumentKey(
        "exists", DocumentFormat<Bool>.boolean, summary: "Whether the value must be there and not null.")

    private static let pathFormat = DocumentFormat<String>.text("a path such as $.status").refine { text, cursor in
        do throws(JSONPath.ParseError) {
            return try JSONPath(text: text)
        } catch {
            cursor.report(
                .invalid, "\"\(text.prefix(60))\" is no singular JSONPath query: \(error.problem)",
                suggestion: "write names and indexes only, such as $.items[0].name")
            return nil
        }
    }

    private static let json = DocumentFormat<Assertion>.object(
        "json", keys: [path.shape, value.shape, exists.shape] + ThresholdFormat.rows(.number)
    ) { object in
        let path = object[path]
        let hasRange = object.contains("warning") || object.contains("critical")
        let rules = [object.contains("equals"), object.contains("exists"), hasRange].count { $0 }
        guard rules == 1 else {
            object.cursor.report(
                rules == 0 ? .missingKey : .conflictingKeys,
                "a json assertion needs exactly one of equals, exists, or warning and critical")
            return nil
        }
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

    private static let expiresIn = DocumentKey(
        "expiresIn", ThresholdFormat.thresholds("expiresIn", .span), isRequired: true,
        summary: "How long the certificate is still valid, such as {warning: \"14d:\"}.")
    private static let certificate = DocumentFormat<Assertion>.object("certificate", keys: [expiresIn.shape]) {
        $0[expiresIn].map { .certificate(expiresIn: $0) }
    }

    private static let phase = DocumentKey(
        "phase", DocumentFormat<ProbePhase>.choice, defaultText: "total", summary: "Which part of the probe.")
    private static let duration = DocumentFormat<Assertion>.object(
        "duration", keys: [phase.shape] + ThresholdFormat.rows(.span)
    ) { object in
        let phase = object.contains("phase") ? object[phase] : .total
        let thresholds = ThresholdFormat.read(object, .span)
        guard let phase, let thresholds else { return nil }
        return .duration(phase, thresholds)
    }
}
