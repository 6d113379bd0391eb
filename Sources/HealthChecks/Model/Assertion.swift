/// Something that must hold of an answer.
enum Assertion: Sendable, Hashable {
    case status([Int])
    case header(HeaderExpectation)
    case body(TextExpectation)
    case json(JSONPath, JSONExpectation)
    case certificate(CertificateExpectation)
    case duration(DurationExpectation)
    case responseCode([DNSResponseCode])
    case answers(DNSAnswersExpectation)
    case performance(PerformanceExpectation)

    /// The key under which the assertion is written.
    var word: String {
        switch self {
        case .status: "status"
        case .header: "header"
        case .body: "body"
        case .json: "json"
        case .certificate: "certificate"
        case .duration: "duration"
        case .responseCode: "rcode"
        case .answers: "answers"
        case .performance: "perfdata"
        }
    }
}

/// What a text must be like.
enum TextExpectation: Sendable, Hashable {
    case equals(String)
    case contains(String)
    /// A regular expression that must be found somewhere in the text.
    case matches(String)
    case exists

    var words: String {
        switch self {
        case .equals(let text): "\"\(text)\""
        case .contains(let text): "contains \"\(text)\""
        case .matches(let pattern): "matches \(pattern)"
        case .exists: "present"
        }
    }
}

/// What a JSON value must be like.
enum JSONExpectation: Sendable, Hashable {
    case equals(JSONValue)
    /// There and not null, or the opposite.
    case exists(Bool)
    case within(Thresholds)
}

/// A part of a network probe's time.
enum ProbePhase: String, Sendable, Hashable, CaseIterable {
    case dns
    case connect
    case tls
    /// From the request's end to the answer's first byte.
    case firstByte
    case transfer
    case total
}
