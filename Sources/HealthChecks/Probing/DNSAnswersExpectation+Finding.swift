extension DNSAnswersExpectation {
    /// What the answers say; names and addresses are compared in one form, order does not count.
    func finding(in records: (type: DNSRecordType, values: [String])?) -> Finding {
        guard let (type, values) = records else {
            return .judge(false, actual: "no DNS answer", expected: "a DNS answer")
        }
        let actual = values.isEmpty ? "no \(type) record" : "\(type) \(values.sorted().joined(separator: ", "))"
        switch self {
        case .contains(let wanted):
            let canonical = wanted.map { type.canonical($0) ?? $0 }
            return .judge(
                Set(canonical).isSubset(of: values), actual: actual,
                expected: "\(type) with \(canonical.joined(separator: ", "))")
        case .equals(let wanted):
            let canonical = wanted.map { type.canonical($0) ?? $0 }
            return .judge(
                Set(canonical) == Set(values), actual: actual,
                expected: "exactly \(type) \(canonical.joined(separator: ", "))")
        case .count(let thresholds):
            return .number(
                Double(values.count), thresholds, actual: "\(values.count) \(type) records", name: "\(type) records")
        }
    }
}
