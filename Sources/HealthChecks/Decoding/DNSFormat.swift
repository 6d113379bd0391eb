internal import Documents

/// The format of a `dns` probe and of the assertions that go with it.
enum DNSFormat {
    private static let name = DocumentKey(
        "name", domainName, isRequired: true,
        summary: "The name that is asked for; for PTR it may be an address.")
    private static let type = DocumentKey(
        "type", DocumentFormat<DNSRecordType>.choice, defaultText: "A", summary: "The type of records.")
    private static let server = DocumentKey(
        "server", address, summary: "The server's numeric address; without it the instance is asked.")
    private static let port = DocumentKey(
        "port", DocumentFormat<Int>.integer(in: 1...65535), defaultText: "53", summary: "The server's port.")
    private static let transport = DocumentKey(
        "transport", DocumentFormat<DNSCheck.Transport>.choice, defaultText: "udp",
        summary: "udp goes on over TCP after a truncated answer.")
    private static let recursion = DocumentKey(
        "recursion", DocumentFormat<Bool>.boolean, defaultText: "true",
        summary: "Whether the server is asked to ask others.")
    private static let allowLoopback = DocumentKey(
        "allowLoopback", DocumentFormat<Bool>.boolean, defaultText: "false",
        summary: "true: the server may be at an address of this machine.")

    private static let domainName = DocumentFormat<String>.text(
        "a domain name", limits: TextForms.domainOrAddress
    ) { text in
        .invalid("\"\(text.prefix(60))\" is no domain name", suggestion: labels)
    }
    private static let labels =
        "labels have 1 to 63 letters, digits, - and _; write other letters in Punycode"

    /// A numeric address.
    private static let address = DocumentFormat<String>.text("a numeric address", limits: TextForms.address) { text in
        .invalid("\"\(text.prefix(60))\" is no numeric address", suggestion: "write for example 192.0.2.53")
    }

    private static let nameRules = [
        DocumentRule(
            "Only with type: PTR may the name be an IPv6 address.", when: .not(.word("type", ["PTR"])),
            demand: .texts("name", TextForms.domain), code: .invalid, message: "\"%found\" is no domain name",
            suggestion: labels)
    ]

    /// A `dns` probe.
    static let dns = DocumentFormat<DNSCheck>.object(
        "dns",
        keys: [
            name.shape, type.shape, server.shape, port.shape, transport.shape, recursion.shape, allowLoopback.shape,
            DurationFormat.requests.shape,
        ], rules: nameRules
    ) { object in
        let type = object.contains("type") ? object[type] : .a
        let text = object[name]
        let question = text.flatMap { type == .ptr ? DNSName(reverseOf: $0) ?? DNSName(text: $0) : DNSName(text: $0) }
        let server = object[server]
        let port = object[port]
        let transport = object[transport]
        let recursion = object[recursion]
        let loopback = object[allowLoopback]
        let requests = object[DurationFormat.requests]
        guard let type, let question else { return nil }
        return DNSCheck(
            name: question, type: type, server: server, port: port ?? 53, transport: transport ?? .udp,
            wantsRecursion: recursion ?? true, allowsLoopback: loopback ?? false, requests: requests ?? 1)
    }

    private static let code = DocumentFormat<DNSResponseCode>.choice(DNSResponseCode.named)
    private static let codes = DocumentKey(
        "in", DocumentFormat<[DNSResponseCode]>.list(of: code), isRequired: true, summary: "The codes that are right.")

    /// An `rcode` assertion: a code, a list of codes or `{in: …}`.
    static let responseCode = DocumentFormat<[DNSResponseCode]>.either(
        text: code.map { [$0] }, list: .list(of: code),
        mapping: .object("rcode", keys: [codes.shape]) { $0[codes] })

    private static let values = DocumentFormat<[String]>.either(
        text: DocumentFormat<String>.text.map { [$0] }, list: .list(of: .text))
    private static let contains = DocumentKey(
        "contains", values.map(DNSAnswersExpectation.contains), summary: "Values that are all among the answers.")
    private static let equals = DocumentKey(
        "equals", values.map(DNSAnswersExpectation.equals), summary: "All the answers there are, in any order.")
    private static let count = DocumentKey(
        "count", ThresholdFormat.thresholds("count", .number).map(DNSAnswersExpectation.count),
        summary: "How many answers there are, such as {critical: \"1:\"}.")
    private static let rules: [DocumentKey<DNSAnswersExpectation>] = [contains, equals, count]

    /// An `answers` assertion.
    static let answers = DocumentFormat<DNSAnswersExpectation>.object(
        "answers", keys: rules.map(\.shape), exactlyOneOf: rules.map(\.name)
    ) { $0.exactlyOne(of: rules) }
}
