/// Reads the dates in which TLS libraries print a certificate's validity.
enum CertificateDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Returns the seconds since 1970-01-01T00:00:00Z, or `nil` for another form.
    ///
    /// Reads `Nov 22 22:15:00 2034 GMT` (OpenSSL) and `2034-11-22 22:15:00 GMT` (other libraries).
    static func epochSeconds(_ text: String) -> Int64? {
        let words = text.split(separator: " ")
        guard words.last == "GMT" else { return nil }
        if words.count == 5, let month = months.firstIndex(where: { $0 == words[0] }) {
            return epochSeconds(year: words[3], month: month + 1, day: words[1], time: words[2])
        }
        let date = words.first?.split(separator: "-") ?? []
        guard words.count == 3, date.count == 3, let month = Int(date[1]) else { return nil }
        return epochSeconds(year: date[0], month: month, day: date[2], time: words[1])
    }

    private static func epochSeconds(year: Substring, month: Int, day: Substring, time: Substring) -> Int64? {
        let clock = time.split(separator: ":").compactMap { Int64($0) }
        guard let year = Int(year), let day = Int(day), clock.count == 3,
            (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        return daysSinceEpoch(year: year, month: month, day: day) * 86_400
            + clock[0] * 3_600 + clock[1] * 60 + clock[2]
    }

    /// Counts days of the proleptic Gregorian calendar.
    ///
    /// From Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`, for years after 0.
    private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }
}
