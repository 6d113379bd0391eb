/// A version of an rpm, ordered as rpm orders it (rpm-version(7)).
struct RPMVersion: Comparable {
    private let epoch: Int
    private let version: [UInt8]
    private let release: [UInt8]

    /// Reads `[epoch:]version[-release]`.
    init(_ text: String) {
        var rest = Substring(text)
        if let colon = rest.firstIndex(of: ":"), let number = Int(rest[..<colon]) {
            epoch = number
            rest = rest[rest.index(after: colon)...]
        } else {
            epoch = 0
        }
        let hyphen = rest.lastIndex(of: "-")
        version = Array(rest[..<(hyphen ?? rest.endIndex)].utf8)
        release = hyphen.map { Array(rest[rest.index(after: $0)...].utf8) } ?? []
    }

    /// Whether both are the same version to rpm, such as `1.0` and `1_00`.
    static func == (left: Self, right: Self) -> Bool { compare(left, right) == 0 }

    /// Orders older before newer.
    static func < (left: Self, right: Self) -> Bool { compare(left, right) < 0 }

    private static func compare(_ left: Self, _ right: Self) -> Int {
        if left.epoch != right.epoch { return left.epoch < right.epoch ? -1 : 1 }
        let version = compare(left.version[...], right.version[...])
        return version != 0 ? version : compare(left.release[...], right.release[...])
    }

    /// Compares runs of digits as numbers and runs of letters as words; other characters only separate.
    ///
    /// A tilde is older than the end, a caret newer than the end and older than all else; a number is newer than a word.
    private static func compare(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
        var (l, r) = (left, right)
        while true {
            l = l.drop { !isMeaningful($0) }
            r = r.drop { !isMeaningful($0) }
            if let marks = compareMarks(l.first, r.first, areLast: (l.isEmpty, r.isEmpty)) {
                if marks != 0 { return marks }
                (l, r) = (l.dropFirst(), r.dropFirst())
                continue
            }
            guard let a = l.first, let b = r.first else { return l.isEmpty ? (r.isEmpty ? 0 : -1) : 1 }
            guard isDigit(a) == isDigit(b) else { return isDigit(a) ? 1 : -1 }
            let order = isDigit(a) ? compareNumbers(&l, &r) : compareWords(&l, &r)
            if order != 0 { return order }
        }
    }

    /// Orders by tilde and caret; 0 when both begin with the same one, `nil` when neither begins with one.
    private static func compareMarks(_ a: UInt8?, _ b: UInt8?, areLast: (Bool, Bool)) -> Int? {
        let (tilde, caret) = (UInt8(ascii: "~"), UInt8(ascii: "^"))
        if a == tilde || b == tilde { return a == b ? 0 : (a == tilde ? -1 : 1) }
        guard a == caret || b == caret else { return nil }
        if a == b { return 0 }
        if areLast.0 { return -1 }
        if areLast.1 { return 1 }
        return a == caret ? -1 : 1
    }

    private static func compareNumbers(_ l: inout ArraySlice<UInt8>, _ r: inout ArraySlice<UInt8>) -> Int {
        let (a, b) = (takeRun(&l, isDigit).drop { $0 == 0x30 }, takeRun(&r, isDigit).drop { $0 == 0x30 })
        if a.count != b.count { return a.count < b.count ? -1 : 1 }
        return a.elementsEqual(b) ? 0 : (a.lexicographicallyPrecedes(b) ? -1 : 1)
    }

    private static func compareWords(_ l: inout ArraySlice<UInt8>, _ r: inout ArraySlice<UInt8>) -> Int {
        let (a, b) = (takeRun(&l, isLetter), takeRun(&r, isLetter))
        return a.elementsEqual(b) ? 0 : (a.lexicographicallyPrecedes(b) ? -1 : 1)
    }

    private static func takeRun(_ bytes: inout ArraySlice<UInt8>, _ isMember: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let run = bytes.prefix(while: isMember)
        bytes = bytes.dropFirst(run.count)
        return run
    }

    private static func isMeaningful(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: "~") || byte == UInt8(ascii: "^")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
