/// Takes a plugin's output in, line by line.
struct PluginOutputReader {
    private(set) var text = ""
    private(set) var longText: [String] = []
    private(set) var values: [PerformanceValue] = []
    private(set) var problems: [PluginOutputProblem] = []
    /// Set from the second `|` on, after which all lines are performance data.
    private var isInData = false
    private var labels: Set<String> = []

    mutating func read(_ output: String, isTruncated: Bool) {
        let bytes = Array(output.utf8.prefix(PluginOutput.maximumBytes))
        let isCut = isTruncated || output.utf8.count > bytes.count
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let isLast = index == lines.count - 1
            read(line.last == UInt8(ascii: "\r") ? line.dropLast() : line, number: index + 1, isCut: isCut && isLast)
        }
        while longText.last == "" { longText.removeLast() }
    }

    private mutating func read(_ line: ArraySlice<UInt8>, number: Int, isCut: Bool) {
        var data: ArraySlice<UInt8> = []
        if isInData {
            data = line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "|") }
        } else {
            let pipe = line.firstIndex(of: UInt8(ascii: "|"))
            let words = Self.trimmed(line[..<(pipe ?? line.endIndex)])
            if number == 1 { text = words } else if pipe == nil || !words.isEmpty { longText.append(words) }
            if let pipe { data = line[(pipe + 1)...] }
            isInData = number > 1 && pipe != nil
        }
        let limit = PluginOutput.maximumEntries - values.count
        var read = PerformanceDataParser.parse(data, line: number, lineStart: line.startIndex, limit: limit)
        if isCut {
            if !read.entries.isEmpty { read.entries.removeLast() }
            read.problems.append(
                PluginOutputProblem(line: number, column: line.count + 1, problem: "the output is cut off here"))
        }
        take(read.entries, line: number)
        problems = Array((problems + read.problems).prefix(PluginOutput.maximumProblems))
    }

    private mutating func take(_ entries: [PerformanceDataParser.Entry], line: Int) {
        for entry in entries {
            values.append(entry.value)
            if !labels.insert(entry.value.label).inserted {
                let words = "the label \(entry.value.label.onOneLine.shortened(toBytes: 80)) a second time"
                problems.append(PluginOutputProblem(line: line, column: entry.column, problem: words))
            }
        }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
        let kept = scalars.drop { $0.properties.isWhitespace }
        guard let last = kept.lastIndex(where: { !$0.properties.isWhitespace }) else { return "" }
        return String(kept[...last])
    }
}
