import Workflow

/// Reads the timestamps of EC2's and LXD's answers (RFC 3339, in UTC), such as `2026-11-23T06:10:28.000Z`.
enum RFC3339Timestamp {
    /// The moment; `nil` for anything else.
    static func parse(_ text: String) -> WallTime? {
        let parts = text.split(whereSeparator: { "-T:.Z".contains($0) })
        guard text.hasSuffix("Z"), parts.count == 6 || parts.count == 7 else { return nil }
        let numbers = parts.prefix(6).compactMap { Int64($0) }
        guard numbers.count == 6, (1...12).contains(numbers[1]), (1...31).contains(numbers[2]) else { return nil }
        let seconds = (days(numbers[0], numbers[1], numbers[2]) * 24 + numbers[3]) * 3600 + numbers[4] * 60 + numbers[5]
        guard parts.count == 7 else { return WallTime(milliseconds: seconds * 1000) }
        let fraction = String((parts[6] + "000").prefix(3))
        guard let milliseconds = Int64(fraction) else { return nil }
        return WallTime(milliseconds: seconds * 1000 + milliseconds)
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar (Hinnant, days_from_civil).
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
