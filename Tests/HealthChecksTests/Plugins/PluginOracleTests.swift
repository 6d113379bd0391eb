import Foundation
import HealthChecks
import Testing

/// Ranges and performance data against python3-nagiosplugin; `PLUGIN_ORACLE_SEED` gives other inputs.
@Suite(.timeLimit(.minutes(5))) struct PluginOracleTests {
    static let seed = ProcessInfo.processInfo.environment["PLUGIN_ORACLE_SEED"] ?? "6"

    struct RangeDocument: Decodable {
        struct Case: Decodable {
            var value: Double
            var alerts: Bool?
        }

        var text: String
        var isValid: Bool
        /// Why we refuse what nagiosplugin reads.
        var deliberate: String?
        var cases: [Case]
    }

    struct LineDocument: Decodable {
        struct Entry: Decodable {
            var label: String
            var value: Double?
            var unit: String
            var warning: String
            var critical: String
            var minimum: Double?
            var maximum: Double?
        }

        var line: String
        var entries: [Entry]
    }

    @Test func ranges() throws {
        let documents: [RangeDocument] = try ReaderProcess.documents(["ranges", Self.seed, "12000"])
        var agreed = (valid: 0, invalid: 0, alerts: 0, calm: 0)
        var refused: [String: Int] = [:]
        for document in documents {
            let range = try? ThresholdRange(text: document.text)
            if let reason = document.deliberate {
                #expect(range == nil, "\(document.text): \(reason)")
                refused[reason, default: 0] += 1
                continue
            }
            #expect((range != nil) == document.isValid, "range \(document.text)")
            if range == nil { agreed.invalid += 1 } else { agreed.valid += 1 }
            for example in document.cases {
                #expect(range?.alerts(for: example.value) == example.alerts, "\(document.text) of \(example.value)")
                if example.alerts == true { agreed.alerts += 1 }
                if example.alerts == false { agreed.calm += 1 }
            }
        }
        print("seed \(Self.seed): \(agreed), refused on purpose: \(refused)")
        #expect(agreed.valid + agreed.invalid >= 10_000)
        #expect(min(agreed.valid, agreed.invalid, agreed.alerts, agreed.calm) >= 2000)
        #expect(refused.count == 3)
    }

    @Test func performanceData() throws {
        let documents: [LineDocument] = try ReaderProcess.documents(["perfdata", Self.seed, "3000"])
        var count = 0
        for document in documents {
            let output = PluginOutput("OK | \(document.line)\n")
            #expect(output.problems.isEmpty, "\(document.line)")
            #expect(output.values.count == document.entries.count, "\(document.line)")
            for (value, entry) in zip(output.values, document.entries) {
                #expect(Self.isSame(value, entry), "\(document.line): \(value)")
                let again = PluginOutput("OK|\(value)")
                let isWritable = !value.label.unicodeScalars.contains("|")
                #expect(!isWritable || (again.values == [value] && again.problems.isEmpty), "\(value)")
                count += 1
            }
        }
        print("seed \(Self.seed): \(count) entries agreed")
        #expect(count >= 8000)
    }

    private static func isSame(_ value: PerformanceValue, _ entry: LineDocument.Entry) -> Bool {
        value.label.unicodeScalars.elementsEqual(entry.label.unicodeScalars) && value.value == entry.value
            && value.unit.description == entry.unit && (value.warning?.description ?? "") == entry.warning
            && (value.critical?.description ?? "") == entry.critical && value.minimum == entry.minimum
            && value.maximum == entry.maximum
    }

    /// Whatever of an output is lost, no value is read that was not written.
    @Test func cutOffLines() throws {
        let documents: [LineDocument] = try ReaderProcess.documents(["perfdata", Self.seed, "40"])
        var read = 0
        for document in documents {
            let text = "OK | \(document.line)"
            let whole = Set(PluginOutput(text).values)
            for length in 0..<text.utf8.count {
                let cut = PluginOutput(String(decoding: text.utf8.prefix(length), as: UTF8.self), isTruncated: true)
                #expect(whole.isSuperset(of: cut.values), "\(text) after \(length) bytes")
                #expect(!cut.problems.isEmpty)
                read += cut.values.count
            }
        }
        #expect(read > 1000)
    }

    /// Bytes changed, lost and added at random: no crash, nothing but finite numbers, problems with a place.
    @Test func mangledLines() throws {
        let documents: [LineDocument] = try ReaderProcess.documents(["perfdata", Self.seed, "300"])
        var random = Steps(state: 6)
        var problems = 0
        for document in documents {
            for _ in 0..<10 {
                var bytes = Array("OK | \(document.line)".utf8)
                for _ in 0...Int.random(in: 0...3, using: &random) {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    let junk = Array("';=|, \n\r\0U-+.e9@~:'".utf8).randomElement(using: &random).map { [$0] } ?? []
                    bytes.replaceSubrange(place...place, with: Bool.random(using: &random) ? junk : [])
                }
                let output = PluginOutput(String(decoding: bytes, as: UTF8.self))
                #expect(output.values.allSatisfy { ($0.value ?? 0).isFinite && !$0.label.isEmpty })
                let columns = 1...(bytes.count * 3 + 1)
                #expect(output.problems.allSatisfy { $0.line >= 1 && columns.contains($0.column) })
                problems += output.problems.count
            }
        }
        #expect(problems > 500)
    }

    /// SplitMix64, so that a failure comes back.
    private struct Steps: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
