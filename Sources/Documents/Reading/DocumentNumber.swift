/// Numbers in decimal notation, the only one that documents use.
enum DocumentNumber {
    /// Reads `-12`, `0.5` or `1e3`; `nil` for anything else, such as `0x1F`, `.5`, `inf` or a number too large.
    static func decimal(_ text: String) -> Double? {
        let isDecimal = text.wholeMatch(of: /-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?/) != nil
        guard isDecimal, let number = Double(text), number.isFinite else { return nil }
        return number
    }
}
