internal import Workflow

/// A day of the Gregorian calendar in UTC, written `2026-12-31`.
struct CalendarDay: Sendable, Hashable, CustomStringConvertible {
    let description: String
    /// The first moment after the day.
    let end: WallTime

    init?(text: String) {
        guard let match = text.wholeMatch(of: /([0-9]{4})-([0-9]{2})-([0-9]{2})/),
            let year = Int64(match.1), let month = Int64(match.2), let day = Int64(match.3), year >= 1970
        else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...12).contains(month), (1...lengths[Int(month) - 1]).contains(day) else { return nil }
        let leapDays = Self.leapYears(before: year) - Self.leapYears(before: 1970)
        let days = (year - 1970) * 365 + leapDays + lengths.prefix(Int(month) - 1).reduce(0, +) + day
        description = text
        end = WallTime(milliseconds: days * 86_400_000)
    }

    private static func leapYears(before year: Int64) -> Int64 {
        (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400
    }
}
