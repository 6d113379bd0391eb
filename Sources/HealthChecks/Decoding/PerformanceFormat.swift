internal import Documents

/// The format of a `perfdata` assertion.
enum PerformanceFormat {
    private static let label = DocumentKey(
        "label", labelText, isRequired: true, summary: "The entry's label, such as load1, without quotes.")

    private static let labelText = DocumentFormat<String>.text("a label", limits: TextForms.label) { _ in
        .invalid("this is no label of performance data")
    }

    /// A `perfdata` assertion.
    static let performance = DocumentFormat<Assertion>.object(
        "perfdata", keys: [label.shape] + ThresholdFormat.rows(.number), rules: [ThresholdFormat.rule]
    ) { object in
        let label = object[label]
        let thresholds = ThresholdFormat.read(object, .number)
        guard let label, let thresholds else { return nil }
        return .performance(PerformanceExpectation(label: label, thresholds: thresholds))
    }
}
