/// What may not be called, and where it may all the same.
struct CallRule: Sendable {
    let pattern: String
    let isAllowed: @Sendable (String) -> Bool
    let reason: String

    static let all: [CallRule] = [
        CallRule(pattern: "Date()", reason: "ask the injected clock") { _ in false },
        CallRule(pattern: "Task.sleep", reason: "sleep on the injected clock") {
            $0 == "Sources/Engine/Time/SystemClock.swift"
        },
        CallRule(pattern: "print(", reason: "only Commands prints") { $0.hasPrefix("Sources/Commands/") },
        CallRule(pattern: "try!", reason: "handle the error") { _ in false },
        CallRule(pattern: "fatalError(", reason: "make the state impossible or throw") { _ in false },
    ]

    init(pattern: String, reason: String, isAllowed: @escaping @Sendable (String) -> Bool) {
        self.pattern = pattern
        self.reason = reason
        self.isAllowed = isAllowed
    }

    func problems(in file: SourceFile) -> [String] {
        guard !isAllowed(file.path) else { return [] }
        return file.lines.enumerated().compactMap { number, line in
            Self.occurs(pattern, in: line) ? "\(file.path):\(number + 1): \(pattern) is banned: \(reason)" : nil
        }
    }

    /// Whether the pattern stands in the line other than as the end of a longer name.
    private static func occurs(_ pattern: String, in line: String) -> Bool {
        line.ranges(of: pattern).contains { range in
            guard range.lowerBound > line.startIndex else { return true }
            let before = line[line.index(before: range.lowerBound)]
            return !(before.isLetter || before.isNumber || before == "_" || before == ".")
        }
    }
}
