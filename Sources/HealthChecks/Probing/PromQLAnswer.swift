internal import CurlTransport
internal import Workflow

/// Judges the answer of Prometheus to an instant query.
enum PromQLAnswer {
    /// How many labels of a series are shown.
    private static let maximumShownLabels = 4

    /// One value with the series that it belongs to, in words.
    private struct Sample {
        var series: String
        /// Not a number when it is missing or no number.
        var value: Double
    }

    /// The reading of an answer: good only when there is a value and every value is in its range.
    static func reading(of response: HTTPResponse, _ check: PromQLCheck) -> ProbeReading {
        let root = (try? JSONParser.parse(response.body)) ?? .null
        let members = root.members
        guard response.status == 200, members["status"] == .string("success") else {
            return refusal(response.status, members)
        }
        let data = members["data"]?.members ?? [:]
        let type = data["resultType"]?.text ?? "missing"
        guard let samples = samples(type, data["result"]) else {
            return unknown("type", "a result of type \(type)", expected: "a scalar or a vector")
        }
        guard !samples.isEmpty else {
            return ProbeReading(
                outcome: check.onNoData == .critical ? .critical : .unknown, reason: "promql:no-data",
                actual: "no data", expected: "at least one value")
        }
        let findings = samples.map { sample in
            Finding.number(
                sample.value, check.thresholds, actual: "\(JSONValue.number(sample.value).words)\(sample.series)",
                name: "a value")
        }
        let index = Finding.worstIndex(findings)
        let shown = findings[index ?? 0]
        return ProbeReading(
            outcome: shown.outcome, reason: index == nil ? "ok" : "promql:range", actual: shown.actual,
            expected: shown.expected)
    }

    /// What Prometheus, or something before it, says instead of an answer; the words are those of its own codes.
    private static func refusal(_ status: Int, _ members: [String: JSONValue]) -> ProbeReading {
        let error = members["error"]?.text ?? "no answer of the Prometheus API"
        let known = [
            "timeout", "canceled", "execution", "bad_data", "internal", "unavailable", "not_found", "not_acceptable",
        ]
        let kind = members["errorType"]?.text ?? ""
        return unknown(
            known.contains(kind) ? kind : "status-\(status)", "status \(status): \(error)", expected: "a result")
    }

    private static func unknown(_ reason: String, _ actual: String, expected: String) -> ProbeReading {
        ProbeReading(outcome: .unknown, reason: "promql:\(reason)", actual: actual, expected: expected)
    }

    /// The values of a result; `nil` when it is of a type that has no single values.
    private static func samples(_ type: String, _ result: JSONValue?) -> [Sample]? {
        switch (type, result) {
        case ("scalar", let result?): return [Sample(series: "", value: value(result))]
        case ("vector", .array(let elements)?):
            return elements.map { element in
                let members = element.members
                return Sample(series: series(members["metric"]), value: members["value"].map(value) ?? .nan)
            }
        default: return nil
        }
    }

    /// The value in `[time, "value"]`.
    private static func value(_ pair: JSONValue) -> Double {
        guard case .array(let parts) = pair, parts.count == 2, let text = parts[1].text else { return .nan }
        return Double(text) ?? .nan
    }

    private static func series(_ metric: JSONValue?) -> String {
        let labels = (metric?.members ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.words)" }
        let more = labels.count > maximumShownLabels ? ", …" : ""
        return labels.isEmpty ? "" : " for {\(labels.prefix(maximumShownLabels).joined(separator: ", "))\(more)}"
    }
}

extension JSONValue {
    /// The members of an object; empty for everything else.
    fileprivate var members: [String: JSONValue] {
        if case .object(let members) = self { members } else { [:] }
    }

    /// The text of a string; `nil` for everything else.
    fileprivate var text: String? {
        if case .string(let text) = self { text } else { nil }
    }
}
