/// A Debian package version, ordered as dpkg orders it (deb-version(7)).
struct DebianVersion: Comparable {
    private let epoch: Int
    private let upstream: [UInt8]
    private let revision: [UInt8]

    /// Reads `[epoch:]upstream[-revision]`.
    init(_ text: String) {
        var rest = Substring(text)
        if let colon = rest.firstIndex(of: ":"), let number = Int(rest[..<colon]) {
            epoch = number
            rest = rest[rest.index(after: colon)...]
        } else {
            epoch = 0
        }
        let hyphen = rest.lastIndex(of: "-")
        upstream = Array(rest[..<(hyphen ?? rest.endIndex)].utf8)
        revision = hyphen.map { Array(rest[rest.index(after: $0)...].utf8) } ?? []
    }

    /// Whether both are the same version to dpkg, such as `1.0` and `1.00`.
    static func == (left: Self, right: Self) -> Bool { compare(left, right) == 0 }

    /// Orders older before newer.
    static func < (left: Self, right: Self) -> Bool { compare(left, right) < 0 }

    private static func compare(_ left: Self, _ right: Self) -> Int {
        if left.epoch != right.epoch { return left.epoch < right.epoch ? -1 : 1 }
        let upstream = compare(left.upstream, right.upstream)
        return upstream != 0 ? upstream : compare(left.revision, right.revision)
    }

    /// Alternately compares a run of non-digits, byte by byte, and a run of digits, as a number.
    private static func compare(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var (l, r) = (left[...], right[...])
        while !l.isEmpty || !r.isEmpty {
            while (l.first.map { !isDigit($0) } ?? false) || (r.first.map { !isDigit($0) } ?? false) {
                let (a, b) = (weight(l.first), weight(r.first))
                if a != b { return a < b ? -1 : 1 }
                l = l.dropFirst()
                r = r.dropFirst()
            }
            let (a, b) = (takeNumber(&l), takeNumber(&r))
            if a.count != b.count { return a.count < b.count ? -1 : 1 }
            if a != b { return a.lexicographicallyPrecedes(b) ? -1 : 1 }
        }
        return 0
    }

    private static func takeNumber(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let digits = bytes.prefix(while: isDigit)
        bytes = bytes.dropFirst(digits.count)
        return digits.drop { $0 == UInt8(ascii: "0") }
    }

    /// A tilde comes before the end, the end and digits before letters, letters before all else.
    private static func weight(_ byte: UInt8?) -> Int {
        guard let byte, !isDigit(byte) else { return 0 }
        if byte == UInt8(ascii: "~") { return -1 }
        let isLetter = (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        return isLetter ? Int(byte) : Int(byte) + 256
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
