internal import Workflow

/// A moment in the proleptic Gregorian calendar, in UTC, to the second.
struct CivilTime: Equatable {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int

    init(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    /// The moment's date (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`).
    init(_ time: WallTime) {
        let seconds = Int(Self.floorDivision(time.milliseconds, 1000))
        let days = Self.floorDivision(seconds, 86_400)
        let rest = seconds - days * 86_400
        let shifted = days + 719_468
        let era = Self.floorDivision(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = rest / 3600
        minute = rest / 60 % 60
        second = rest % 60
    }

    /// The moment in milliseconds since 1970 (same source, `days_from_civil`).
    var wallTime: WallTime {
        let shifted = month <= 2 ? year - 1 : year
        let era = Self.floorDivision(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        return WallTime(milliseconds: Int64((days * 24 + hour) * 3600 + minute * 60 + second) * 1000)
    }

    private static func floorDivision<Number: BinaryInteger>(_ value: Number, _ divisor: Number) -> Number {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    private static func padded(_ number: Int, _ count: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, count - digits.count)) + digits
    }

    /// The date as `20150830`.
    var basicDate: String { Self.padded(year, 4) + Self.padded(month, 2) + Self.padded(day, 2) }

    /// The moment as `20150830T123600Z`.
    var basic: String {
        basicDate + "T" + Self.padded(hour, 2) + Self.padded(minute, 2) + Self.padded(second, 2) + "Z"
    }

    /// Whether every part is in the range that a calendar allows.
    private var isPossible: Bool {
        (1970...9999).contains(year) && (1...12).contains(month) && (1...31).contains(day) && (0...23).contains(hour)
            && (0...59).contains(minute) && (0...60).contains(second)
    }

    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7), the form that servers must send.
    init?(httpDate text: String) {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[5] == "GMT", let day = Int(words[1]),
            let month = months.firstIndex(of: String(words[2])), let year = Int(words[3])
        else { return nil }
        let clock = words[4].split(separator: ":").compactMap { Int($0) }
        guard clock.count == 3 else { return nil }
        self.init(year: year, month: month + 1, day: day, hour: clock[0], minute: clock[1], second: clock[2])
        guard isPossible else { return nil }
    }

    /// Reads `2015-08-30T12:36:00Z`, with an optional fraction (ignored) and an offset such as `+02:00` or `+0200`.
    static func wallTime(iso8601 text: String) -> WallTime? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 19, bytes.count <= 40, bytes.allSatisfy({ $0 < 128 }) else { return nil }
        let number = { (start: Int, count: Int) -> Int? in
            let digits = bytes[start..<start + count]
            guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
            return Int(String(decoding: digits, as: UTF8.self))
        }
        guard bytes[4] == 45, bytes[7] == 45, bytes[10] == 84 || bytes[10] == 32, bytes[13] == 58, bytes[16] == 58,
            let year = number(0, 4), let month = number(5, 2), let day = number(8, 2), let hour = number(11, 2),
            let minute = number(14, 2), let second = number(17, 2)
        else { return nil }
        let time = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        var rest = bytes[19...]
        if rest.first == 46 { rest = rest.dropFirst().drop { (48...57).contains($0) } }
        guard time.isPossible, let offset = offset(rest.filter { $0 != 58 }) else { return nil }
        return time.wallTime + .minutes(-Int64(offset))
    }

    /// Reads `Z`, nothing (UTC), or `±hhmm`, in minutes.
    private static func offset(_ text: [UInt8]) -> Int? {
        if text.isEmpty || text == [90] { return 0 }
        guard text.count == 5, text[0] == 43 || text[0] == 45,
            let digits = Int(String(decoding: text[1...], as: UTF8.self))
        else { return nil }
        let minutes = digits / 100 * 60 + digits % 100
        return text[0] == 45 ? -minutes : minutes
    }
}
