internal import Documents

/// The regular forms of the language's texts; reader and JSON Schema decide by them.
enum TextForms {
    /// A name of letters, digits, dots, dashes and underscores.
    static let identifier = DocumentTextLimits(pattern: "[A-Za-z0-9][A-Za-z0-9._-]*", maximumLength: 64)
    /// A host name or an IPv4 address.
    static let host = DocumentTextLimits(pattern: "[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", maximumLength: 253)
    /// Path and query of a URL: printable ASCII without `#`.
    static let path = DocumentTextLimits(pattern: #"/[\x21\x22\x24-\x7e]*"#)
    /// A path that does not start at the root.
    static let relativePath = DocumentTextLimits(pattern: #"(?!/)[^\x00\n]+"#)
    /// A unit's name; the characters are those of systemd.unit(5).
    static let unit = DocumentTextLimits(pattern: #"[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*"#, maximumLength: 240)
    /// A header field's name (RFC 9110, token), but for those that the transport writes itself.
    static let headerName = DocumentTextLimits(
        pattern: "(?!(?:\(anyCase("host"))|\(anyCase("content-length"))|\(anyCase("transfer-encoding")))$)"
            + "[A-Za-z0-9!#$%&'*+.^_`|~-]+")
    /// A program or an argument: no secrets, which every user of the machine could read, and no NUL.
    static let argument = DocumentTextLimits(refusedPattern: #"\$\{(?:env|file):|\x00"#)
    /// A label of performance data: printable, and not only blank.
    static let label = DocumentTextLimits(
        pattern: #"[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*"#)
    /// An absolute URL without user information, query and fragment.
    static let server = DocumentTextLimits(
        pattern: #"https?://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)"#
            + "(?::(?=[0-9]{1,5}(?![0-9]))0*(?:\(port)))?(?:/[A-Za-z0-9._~/-]*)?")
    /// A URL whose scheme is `http`.
    static let plainServer = DocumentTextLimits(pattern: #"http:[^\x00]*"#)
    /// A PromQL query whose placeholders for the instance all exist.
    static let query = DocumentTextLimits(
        refusedPattern: #"\{instance\.(?!(?:id|name|address)\})[A-Za-z]*\}"#, maximumLength: 8192)

    /// A domain name; labels have 1 to 63 characters, all together 255 bytes (RFC 1035, section 2.3.4).
    static let domain = DocumentTextLimits(pattern: domainPattern)
    /// A numeric address.
    static let address = DocumentTextLimits(pattern: "\(fourPattern)|\(sixPattern)")
    /// A domain name, or an address that is looked up in reverse.
    static let domainOrAddress = DocumentTextLimits(pattern: "\(domainPattern)|\(sixPattern)")

    /// What a value of this type of records looks like.
    static func value(of type: DNSRecordType) -> DocumentTextLimits {
        let number = "0*(?:\(sixteenBits)) +"
        return switch type {
        case .a: DocumentTextLimits(pattern: fourPattern)
        case .aaaa: DocumentTextLimits(pattern: sixPattern)
        case .cname, .ns, .ptr: domain
        case .mx: DocumentTextLimits(pattern: "\(number)(?:\(domainPattern))")
        case .srv: DocumentTextLimits(pattern: "(?:\(number)){3}(?:\(domainPattern))")
        case .txt: .none
        }
    }

    /// A singular query of RFC 9535.
    static let jsonPath: DocumentTextLimits = {
        // Letters, the underscore and everything beyond ASCII; then digits too.
        let first = #"[^\x00-\x40\x5b-\x5e\x60\x7b-\x7f]"#
        let next = #"[^\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]"#
        let index = #"\[ *(?:0|-?[1-9][0-9]{0,14}) *\]"#
        let single = #"\[ *'(?:[^'\\]|\\['\\])*' *\]"#
        let double = #"\[ *"(?:[^"\\]|\\["\\])*" *\]"#
        return DocumentTextLimits(pattern: #"\$(?:\."# + "\(first)\(next)*|\(index)|\(single)|\(double))*")
    }()

    /// A range of the plugin guidelines; that it does not start after its end cannot be said by a pattern.
    static func range(_ unit: ThresholdRange.Unit) -> DocumentTextLimits {
        let end = unit == .number ? #"[0-9]+(?:\.[0-9]+)?"# : "(?:[0-9]{1,9}(?:ms|s|m|h|d)|0)"
        let start = unit == .number ? "-?\(end)" : end
        return DocumentTextLimits(pattern: "@?(?:(?:~|\(start)):(?:\(start))?|:?\(end))")
    }

    /// A day of the Gregorian calendar from 1970 to 9999, written `2026-12-31`.
    static let day: DocumentTextLimits = {
        let year = "(?:19[7-9][0-9]|[2-9][0-9]{3})"
        let long = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
        let short = "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
        let february = "02-(?:0[1-9]|1[0-9]|2[0-8])"
        let leapYear =
            "(?:19(?:7[26]|8[048]|9[26])|[2-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[3579][26])00)"
        return DocumentTextLimits(pattern: "\(year)-(?:\(long)|\(short)|\(february))|\(leapYear)-02-29")
    }()

    private static let sixteenBits =
        "[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
    private static let port =
        "[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"

    private static let domainPattern: String = {
        let label = "[A-Za-z0-9_*/-]{1,63}"
        let any = #"[^\n]"#
        return #"\.|"# + "(?!\(any){253}[^.])(?!\(any){255})" + #"(?:"# + label + #"\.)*"# + label + #"\.?"#
    }()

    private static let fourPattern: String = {
        let byte = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
        return #"(?:"# + byte + #"\.){3}"# + byte
    }()

    /// What `inet_pton` reads: 8 groups, or fewer with `::` for at least one; the last two may be an IPv4 address.
    private static let sixPattern: String = {
        let group = "[0-9A-Fa-f]{1,4}"
        let row = "(?:\(group):)"
        let whole = "\(row){7}\(group)|\(row){6}\(fourPattern)"
        let compressed = (0...7).map { left -> String in
            let start = left == 0 ? "::" : "\(row){\(left)}:"
            let ends =
                (left <= 6 ? ["\(row){0,\(6 - left)}\(group)"] : [])
                + (left <= 5 ? ["\(row){0,\(5 - left)}\(fourPattern)"] : [])
            return ends.isEmpty ? start : "\(start)(?:\(ends.joined(separator: "|")))?"
        }
        return ([whole] + compressed).joined(separator: "|")
    }()

    private static func anyCase(_ word: String) -> String {
        word.map { $0.isLetter ? "[\($0.uppercased())\($0)]" : String($0) }.joined()
    }
}
