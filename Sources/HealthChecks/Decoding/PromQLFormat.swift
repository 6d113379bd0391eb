internal import Documents

/// The format of a `promql` probe.
enum PromQLFormat {
    private static let url = DocumentKey(
        "url", server, isRequired: true, summary: "Where Prometheus is, such as http://prometheus.example.org:9090.")
    private static let query = DocumentKey(
        "query", queryText, isRequired: true,
        summary: "The query; {instance.id}, {instance.name} and {instance.address} stand for the instance.")
    private static let onNoData = DocumentKey(
        "onNoData", DocumentFormat<PromQLCheck.NoDataRule>.choice, defaultText: "critical",
        summary: "What an answer without any value means; it never passes.")
    private static let headers = DocumentKey(
        "headers", HTTPFormat.headersFormat, summary: "Header fields; secrets by reference only.")
    private static let caFile = DocumentKey(
        "caFile", DocumentFormat<String>.text("a path"),
        summary: "A PEM file of the only authorities to trust, beside the check file.")
    private static let allowLoopback = DocumentKey(
        "allowLoopback", DocumentFormat<Bool>.boolean, defaultText: "false",
        summary: "true: Prometheus may be on this machine.")

    private static let queryText = DocumentFormat<String>.text("a PromQL query", limits: TextForms.query) { text in
        let names = text.matches(of: /\{(instance\.[A-Za-z]*)\}/).map { String($0.1) }
        guard let wrong = names.first(where: { !PromQLProbe.placeholders.contains($0) }) else {
            return .invalid("the query is longer than \(TextForms.query.maximumLength ?? 0) characters")
        }
        let nearest = NearestName.find(wrong, in: PromQLProbe.placeholders).map { "did you mean {\($0)}?" }
        return DocumentTextProblem(.unknownValue, "{\(wrong)} stands for nothing", suggestion: nearest)
    }

    private static let server = DocumentFormat<String>.text("an http or https URL", limits: TextForms.server) { _ in
        .invalid(
            "this is no URL of a server without user, query and fragment",
            suggestion: "write for example http://prometheus.example.org:9090")
    }.refine { text, _ -> PromQLCheck.Server? in
        let form = /(http|https):\/\/(\[[^\]]+\]|[^:\/]+)(:([0-9]+))?(\/.*)?/
        guard let match = text.wholeMatch(of: form) else { return nil }
        let url = text.hasSuffix("/") ? String(text.dropLast()) : text
        let host = match.2.hasPrefix("[") ? match.2.dropFirst().dropLast() : match.2
        let isSecure = match.1 == "https"
        let port = match.4.flatMap { Int($0) } ?? (isSecure ? 443 : 80)
        return PromQLCheck.Server(url: url, host: String(host), port: port, isSecure: isSecure)
    }

    private static let rules = [
        ThresholdFormat.rule,
        DocumentRule(
            "caFile needs an https URL.", when: .all([.has("url"), .texts("url", TextForms.plainServer)]),
            demand: .not(.has("caFile")), message: "caFile belongs to an https URL",
            suggestion: "write https:// or remove caFile"),
    ]

    /// A `promql` probe.
    static let promql = DocumentFormat<PromQLCheck>.object(
        "promql",
        keys: [url.shape, query.shape, onNoData.shape, headers.shape, caFile.shape, allowLoopback.shape]
            + ThresholdFormat.rows(.number),
        rules: rules
    ) { object in
        let server = object[url]
        let query = object[query]
        let thresholds = ThresholdFormat.read(object, .number)
        let onNoData = object[onNoData]
        let headers = object[headers]
        let caFile = object[caFile]
        let loopback = object[allowLoopback]
        guard let server, let query, let thresholds else { return nil }
        return PromQLCheck(
            server: server, query: query, thresholds: thresholds, onNoData: onNoData ?? .critical,
            headers: headers ?? [:], caFile: caFile, allowsLoopback: loopback ?? false)
    }
}
