/// Regular forms of values whose range is part of the form.
enum DocumentPatterns {
    /// Lengths of time in a range of milliseconds, as `Span(text:)` reads them: at most 9 digits and a unit.
    static func span(_ range: ClosedRange<Int64>) -> String {
        let units: [(text: String, length: Int64)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        let most: Int64 = 999_999_999
        let forms = units.compactMap { unit -> String? in
            let first = (range.lowerBound + unit.length - 1) / unit.length
            let last = min(range.upperBound / unit.length, most)
            return first <= last ? "(?:\(whole(first...last)))\(unit.text)" : nil
        }
        return "(?=[0-9]{1,9}[a-z])0*(?:\(forms.joined(separator: "|")))"
    }

    /// Percentages whose range has whole ends of at least zero; other ends are moved outwards to whole ones.
    static func percent(_ range: ClosedRange<Double>) -> String {
        let first = Int64(max(0, range.lowerBound.rounded(.down)))
        let last = Int64(range.upperBound.rounded(.up))
        let below = first < last ? "0*(?:\(whole(first...(last - 1))))(?:\\.[0-9]+)?|" : ""
        return "(?:\(below)0*\(last)(?:\\.0+)?)%"
    }

    /// The whole numbers of a range of at least zero, without leading zeros, as alternatives.
    static func whole(_ range: ClosedRange<Int64>) -> String {
        var stops: Set<Int64> = [range.upperBound]
        var power: Int64 = 10
        while power <= range.upperBound {
            let nines = range.lowerBound / power * power + power - 1
            if range.contains(nines) { stops.insert(nines) }
            let zeros = (range.upperBound + 1) / power * power - 1
            if zeros >= range.lowerBound { stops.insert(zeros) }
            power *= 10
        }
        var first = range.lowerBound
        return stops.sorted().map { stop in
            defer { first = stop + 1 }
            return sameLength(first, stop)
        }.joined(separator: "|")
    }

    /// The numbers between two of equally many digits that differ in a way that a row of classes can say.
    private static func sameLength(_ first: Int64, _ last: Int64) -> String {
        zip(String(first), String(last)).map { low, high in
            low == high ? String(low) : "[\(low)-\(high)]"
        }.joined()
    }
}
