/// Reads the performance data of one line of output.
///
/// What is malformed never becomes a value. Where an entry's value is malformed, that entry is left out. Where entries
/// cannot be told apart (a label without quotes around its space, a number with a space in it), no entry of the line
/// is believed: `used=1 000` must not be read as 1.
struct PerformanceDataParser {
    private static let unfitForUnits = Set("0123456789.,+-=|'\"".utf8)

    private let bytes: ArraySlice<UInt8>
    private let line: Int
    private let lineStart: Int
    private var position: Int
    private var entries: [Entry] = []
    private var problems: [PluginOutputProblem] = []

    /// One entry, and the byte of its line that it begins with, from 1.
    struct Entry {
        var value: PerformanceValue
        var column: Int
    }

    /// Reads a line's entries.
    ///
    /// More than `limit` of them are not believed. Columns count from `lineStart`, the index of the line's first byte.
    static func parse(
        _ bytes: ArraySlice<UInt8>, line: Int, lineStart: Int, limit: Int
    ) -> (entries: [Entry], problems: [PluginOutputProblem]) {
        var parser = PerformanceDataParser(bytes: bytes, line: line, lineStart: lineStart)
        do throws(PluginOutputProblem) {
            try parser.readEntries(limit: limit)
        } catch {
            parser.entries = []
            parser.problems.append(error)
        }
        return (parser.entries, parser.problems)
    }

    private init(bytes: ArraySlice<UInt8>, line: Int, lineStart: Int) {
        self.bytes = bytes
        self.line = line
        self.lineStart = lineStart
        position = bytes.startIndex
    }

    private func problem(at index: Int, _ text: String) -> PluginOutputProblem {
        PluginOutputProblem(line: line, column: index - lineStart + 1, problem: text)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    private mutating func skipSpace() {
        position = bytes[position...].firstIndex { !Self.isSpace($0) } ?? bytes.endIndex
    }

    private mutating func readEntries(limit: Int) throws(PluginOutputProblem) {
        skipSpace()
        var count = 0
        while position < bytes.endIndex {
            guard count < limit else { throw problem(at: position, "too many entries") }
            let start = position
            let label = try readLabel()
            let end = bytes[position...].firstIndex(where: Self.isSpace) ?? bytes.endIndex
            let fields = bytes[position..<end].split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            position = end
            do throws(PluginOutputProblem) {
                entries.append(Entry(value: try value(label, fields), column: start - lineStart + 1))
            } catch {
                problems.append(error)
            }
            count += 1
            skipSpace()
        }
    }

    // MARK: Labels

    /// Reads a label and the `=` after it.
    private mutating func readLabel() throws(PluginOutputProblem) -> String {
        let start = position
        let isQuoted = bytes[position] == UInt8(ascii: "'")
        let text = isQuoted ? try quotedLabel() : try plainLabel()
        let label = String(decoding: text, as: UTF8.self)
        guard !label.unicodeScalars.allSatisfy(\.properties.isWhitespace) else {
            throw problem(at: start, "an entry without label")
        }
        return label
    }

    private mutating func plainLabel() throws(PluginOutputProblem) -> ArraySlice<UInt8> {
        let start = position
        while position < bytes.endIndex, bytes[position] != UInt8(ascii: "=") {
            if Self.isSpace(bytes[position]) {
                throw problem(at: start, "a label without =, or with a space and without quotes")
            }
            if bytes[position] == UInt8(ascii: "'") { throw problem(at: position, "a quote inside of a plain label") }
            if bytes[position] == UInt8(ascii: "|") { throw problem(at: position, "a second |") }
            position += 1
        }
        guard position < bytes.endIndex else { throw problem(at: start, "a label without =") }
        position += 1
        return bytes[start..<(position - 1)]
    }

    /// Reads a label in quotes; a doubled quote stands for one.
    private mutating func quotedLabel() throws(PluginOutputProblem) -> ArraySlice<UInt8> {
        let start = position
        let quote = UInt8(ascii: "'")
        var text: ArraySlice<UInt8> = []
        position += 1
        while let end = bytes[position...].firstIndex(of: quote) {
            text += bytes[position..<end]
            position = end + 1
            guard position < bytes.endIndex else { throw problem(at: start, "a label without =") }
            if bytes[position] == quote {
                text.append(quote)
                position += 1
            } else if bytes[position] == UInt8(ascii: "=") {
                position += 1
                return text
            } else {
                throw problem(at: position, "expected = after the label")
            }
        }
        throw problem(at: start, "a label whose quote does not end")
    }

    // MARK: Fields

    private mutating func value(
        _ label: String, _ fields: [ArraySlice<UInt8>]
    ) throws(PluginOutputProblem) -> PerformanceValue {
        let text = fields[0]
        guard !text.isEmpty else { throw problem(at: text.startIndex, "an entry without value") }
        var result = PerformanceValue(label: label, value: nil)
        if text.elementsEqual("U".utf8) {
            result.value = nil
        } else {
            let (number, end) = try leadingNumber(text)
            result.value = number
            result.unit = try unit(text[end...])
        }
        result.warning = range(fields, 1)
        result.critical = range(fields, 2)
        result.minimum = bound(fields, 3)
        result.maximum = bound(fields, 4)
        if fields.count > 5 {
            problems.append(problem(at: fields[5].startIndex - 1, "more than four fields after the value"))
        }
        return result
    }

    /// The number that a text begins with, and where it ends.
    private func leadingNumber(_ text: ArraySlice<UInt8>) throws(PluginOutputProblem) -> (Double, end: Int) {
        guard let end = Self.endOfNumber(text), let number = Double(String(decoding: text[..<end], as: UTF8.self))
        else { throw problem(at: text.startIndex, "not a number") }
        guard number.isFinite else { throw problem(at: text.startIndex, "a number that is too large") }
        if end < text.endIndex, text[end] == UInt8(ascii: ",") {
            throw problem(at: end, "a comma in a number: tenths or thousands? Run the plugin with LC_ALL=C")
        }
        return (number, end)
    }

    /// Where the longest number at the start of a text ends; an `e` that no digit follows belongs to the unit.
    private static func endOfNumber(_ text: ArraySlice<UInt8>) -> Int? {
        func skip(_ from: Int, _ isWanted: (UInt8) -> Bool) -> Int {
            text[from...].firstIndex { !isWanted($0) } ?? text.endIndex
        }
        func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        func afterSign(_ index: Int) -> Int {
            index < text.endIndex && (text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+"))
                ? index + 1 : index
        }
        let start = afterSign(text.startIndex)
        var end = skip(start, isDigit)
        var digits = end - start
        if end < text.endIndex, text[end] == UInt8(ascii: ".") {
            let fraction = skip(end + 1, isDigit)
            digits += fraction - end - 1
            end = fraction
        }
        guard digits > 0 else { return nil }
        guard end < text.endIndex, text[end] | 0x20 == UInt8(ascii: "e") else { return end }
        let exponent = afterSign(end + 1)
        let exponentEnd = skip(exponent, isDigit)
        return exponentEnd > exponent ? exponentEnd : end
    }

    private func unit(_ text: ArraySlice<UInt8>) throws(PluginOutputProblem) -> PerformanceUnit {
        if let index = text.firstIndex(where: { $0 < 0x20 || $0 == 0x7F || Self.unfitForUnits.contains($0) }) {
            throw problem(at: index, "neither part of a number nor of a unit")
        }
        return PerformanceUnit(text: String(decoding: text, as: UTF8.self))
    }

    /// The plugin's own range; a malformed one is reported and left out, since the value stands without it.
    private mutating func range(_ fields: [ArraySlice<UInt8>], _ index: Int) -> ThresholdRange? {
        guard index < fields.count, !fields[index].isEmpty else { return nil }
        do throws(ThresholdRange.ParseError) {
            return try ThresholdRange(text: String(decoding: fields[index], as: UTF8.self))
        } catch {
            let words = error == .order ? "a range whose start is greater than its end" : "not a range"
            problems.append(problem(at: fields[index].startIndex, words))
            return nil
        }
    }

    private mutating func bound(_ fields: [ArraySlice<UInt8>], _ index: Int) -> Double? {
        guard index < fields.count, !fields[index].isEmpty else { return nil }
        do throws(PluginOutputProblem) {
            let (number, end) = try leadingNumber(fields[index])
            guard end == fields[index].endIndex else { throw problem(at: end, "more text after a number") }
            return number
        } catch {
            problems.append(error)
            return nil
        }
    }
}
