extension Double {
    /// The shortest decimal that reads back as this number, written without exponent, which not every reader of
    /// performance data knows; `nil` for what is not finite.
    var plainDecimal: String? {
        guard isFinite else { return nil }
        let text = magnitude.description
        let sign = self < 0 ? "-" : ""
        let parts = text.split(separator: "e")
        let mantissa = parts[0].split(separator: ".")
        guard parts.count == 2, let exponent = Int(parts[1]) else {
            return sign + (text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
        }
        let digits = mantissa.joined()
        let point = mantissa[0].count + exponent
        if point <= 0 { return "\(sign)0." + String(repeating: "0", count: -point) + digits }
        if point >= digits.count { return sign + digits + String(repeating: "0", count: point - digits.count) }
        return "\(sign)\(digits.prefix(point)).\(digits.dropFirst(point))"
    }
}
