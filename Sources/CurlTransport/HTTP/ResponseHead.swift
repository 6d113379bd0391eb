/// Collects an answer's head line by line, as libcurl hands the lines over.
struct ResponseHead {
    /// Bounds the head's bytes, interim answers, redirects and trailer fields included.
    static let maxBytes = 256 * 1024

    private(set) var status = 0
    private(set) var headers: [HTTPHeader] = []
    /// Tells whether the head of the final answer is complete.
    private(set) var isComplete = false
    private var bytes = 0
    private let followsRedirects: Bool
    private let acceptsUpgrade: Bool

    init(followsRedirects: Bool, acceptsUpgrade: Bool = false) {
        self.followsRedirects = followsRedirects
        self.acceptsUpgrade = acceptsUpgrade
    }

    /// Takes one line with its line end; returns `false` if the head is larger than its cap.
    mutating func append(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes += line.count
        guard bytes <= Self.maxBytes else { return false }
        // What follows a complete head are trailer fields.
        guard !isComplete else { return true }
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            begin(statusLine: text)
        } else if line.allSatisfy({ $0 == 10 || $0 == 13 }) {
            isComplete = isFinal
        } else {
            appendField(text)
        }
        return true
    }

    private mutating func begin(statusLine: String) {
        headers = []
        let words = statusLine.split(whereSeparator: \.isWhitespace)
        status = words.count > 1 ? Int(words[1]) ?? 0 : 0
    }

    private mutating func appendField(_ line: String) {
        let content = Substring(line.utf8.prefix { $0 != 10 && $0 != 13 })
        if let first = line.utf8.first, first == 32 || first == 9, let last = headers.indices.last {
            // RFC 9112, section 5.2: a folded line continues the field before it.
            headers[last].value += " " + String(Substring(ASCII.trimmed(content.utf8)))
            return
        }
        guard let colon = content.utf8.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = String(Substring(ASCII.trimmed(content[..<colon].utf8)))
        let value = String(Substring(ASCII.trimmed(content[content.utf8.index(after: colon)...].utf8)))
        headers.append(HTTPHeader(name: name, value: value))
    }

    /// Tells whether another head follows: after an interim answer, and after a redirect that is followed.
    private var isFinal: Bool {
        if status == 101 { return acceptsUpgrade }
        if status < 200 { return false }
        let isRedirect = [301, 302, 303, 307, 308].contains(status) && headers.contains { $0.isNamed("Location") }
        return !(followsRedirects && isRedirect)
    }
}
