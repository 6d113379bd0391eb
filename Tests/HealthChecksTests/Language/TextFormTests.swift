import Documents
import Glibc
import Testing
import Workflow

@testable import HealthChecks

/// The patterns against other readers of the same forms.
@Suite struct TextFormTests {
    @Test func addressesAreThoseOfTheSystem() {
        var generator = SystemRandomNumberGenerator()
        let matcher = DocumentTextMatcher(TextForms.address)
        let pieces = ["0", "1", "12", "255", "256", "01", "ffff", "FFFF1", "a", "g", ":", "::", ":", ".", "."]
        var accepted = 0
        for round in 0..<20_000 {
            var text = ""
            if round.isMultiple(of: 2) {
                let groups = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
                    ["", "0", "1", "ab", "ffff", "12345"][min(5, Int.random(in: 0...20, using: &generator) / 4)]
                }
                text = groups.joined(separator: ":") + (Bool.random(using: &generator) ? ":192.0.2.1" : "")
            } else {
                for _ in 0..<Int.random(in: 1...10, using: &generator) {
                    text += pieces.randomElement(using: &generator) ?? ""
                }
            }
            var four = in_addr()
            var six = in6_addr()
            let isAddress = inet_pton(AF_INET, text, &four) == 1 || inet_pton(AF_INET6, text, &six) == 1
            #expect(matcher.accepts(text) == isAddress, "\(text)")
            accepted += isAddress ? 1 : 0
        }
        #expect(accepted > 500)
    }

    @Test func daysAreThoseOfTheCalendar() {
        let matcher = DocumentTextMatcher(TextForms.day)
        for year in [1969, 1970, 1999, 2000, 2023, 2024, 2096, 2100, 2400, 9996, 9999] {
            for month in 0...13 {
                for day in 0...32 {
                    let text = [year, month, day].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: "-")
                    #expect(matcher.accepts(text) == (CalendarDay(text: text) != nil), "\(text)")
                }
            }
        }
    }

    /// The schema's pattern of lengths of time accepts what the reader accepts.
    @Test func spansAreThoseOfTheReader() throws {
        var generator = SystemRandomNumberGenerator()
        for range in [
            Int64(100)...86_400_000, 0...604_800_000, 1...3_600_000, 7...7, 999...1001, 0...1_000_000_000_000_000,
        ] {
            let matcher = DocumentTextMatcher(DocumentTextLimits(pattern: DocumentSchema.pattern(ofSpan: range)))
            let format = DocumentFormat<Span>.span(
                in: Span(milliseconds: range.lowerBound)...Span(milliseconds: range.upperBound))
            let edges = [range.lowerBound, range.upperBound].flatMap { edge in
                [1, 1000, 60_000, 3_600_000, 86_400_000].flatMap { unit in (-1...1).map { edge / unit + Int64($0) } }
            }
            for _ in 0..<400 {
                let number =
                    Bool.random(using: &generator)
                    ? edges.randomElement(using: &generator) ?? 0
                    : Int64.random(in: 0...Int64.random(in: 1...10_000_000_000, using: &generator), using: &generator)
                let zeros = ["", "", "0", "00"].randomElement(using: &generator) ?? ""
                let unit = ["ms", "s", "m", "h", "d", "w", ""].randomElement(using: &generator) ?? ""
                let text = "\(zeros)\(number)\(unit)"
                let document = try DocumentParser.parse(text: text, path: "f")
                #expect(matcher.accepts(text) == ((try? format.decode(document)) != nil), "\(text) in \(range)")
            }
        }
    }
}
