import HealthChecks
import Testing

@Suite struct ThresholdRangeTests {
    static let numbers: [(text: String, fine: [Double], alerting: [Double])] = [
        ("10", [0, 5, 10], [-0.1, 10.1]),
        ("10:", [10, 1e9], [9.9, -1]),
        (":10", [0, 10], [-1, 11]),
        ("~:10", [-1e9, 10], [10.5]),
        ("10:20", [10, 20], [9, 21]),
        ("-20:-10", [-15], [-21, -9]),
        ("@10:20", [9.9, 20.1], [10, 15, 20]),
        ("@~:0", [0.1], [0, -5]),
        ("0:0", [0], [0.001]),
        ("0.5", [0.5], [0.51]),
        ("@10", [11, -1], [0, 10]),
    ]

    @Test(arguments: numbers) func number(_ example: (text: String, fine: [Double], alerting: [Double])) throws {
        let range = try ThresholdRange(text: example.text)
        #expect(example.fine.allSatisfy { !range.alerts(for: $0) })
        #expect(example.alerting.allSatisfy { range.alerts(for: $0) })
        #expect(range.alerts(for: .nan))
        #expect(range.description == example.text)
    }

    @Test(arguments: [
        ("", ThresholdRange.ParseError.syntax), (":", .syntax), ("@", .syntax), ("~", .syntax), ("1:~", .syntax),
        ("a:b", .syntax), ("1:2:3", .syntax), ("1 : 2", .syntax), ("1,5", .syntax), ("inf", .syntax), ("2:1", .order),
        ("-1", .order), ("@5:4", .order), ("10ms", .syntax),
    ]) func wrongNumber(_ example: (text: String, error: ThresholdRange.ParseError)) {
        #expect(throws: example.error) { try ThresholdRange(text: example.text) }
    }

    @Test func spans() throws {
        #expect(try ThresholdRange(text: "~:200ms", unit: .span).end == 200)
        #expect(try ThresholdRange(text: "14d:", unit: .span).start == 14 * 86_400_000)
        #expect(try ThresholdRange(text: "0:5s", unit: .span).alerts(for: -1))
        #expect(throws: ThresholdRange.ParseError.unit) { try ThresholdRange(text: "~:200", unit: .span) }
        #expect(throws: ThresholdRange.ParseError.unit) { try ThresholdRange(text: "14days:", unit: .span) }
        #expect(throws: ThresholdRange.ParseError.order) { try ThresholdRange(text: "2m:1s", unit: .span) }
    }
}
