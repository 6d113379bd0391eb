/// Takes known secrets out of any text before it is shown or stored.
public struct Redactor: Sendable, Hashable {
    /// What stands in place of a secret.
    public static let placeholder = "[redacted]"

    /// The secrets as they were given.
    private let secrets: Set<String>
    /// What is looked for, as UTF-8, the longest first so that one inside another leaves nothing over.
    private let patterns: [[UInt8]]

    /// Creates a redactor of these secrets; each longer line of a secret with several lines counts as a secret too, and
    /// so does the form that a longer one has in JSON, in a URL or in base64.
    public init(_ secrets: some Sequence<String> = []) {
        var all: Set<String> = []
        for secret in secrets {
            all.insert(secret)
            let lines = secret.split(whereSeparator: \.isNewline)
            if lines.count > 1 { all.formUnion(lines.filter { $0.count >= 8 }.map(String.init)) }
        }
        all.remove("")
        self.secrets = all
        let forms = Set(all.flatMap { EncodedForms.all(of: Array($0.utf8)) })
        patterns = forms.sorted { $0.count != $1.count ? $0.count > $1.count : $1.lexicographicallyPrecedes($0) }
    }

    /// A redactor of these secrets too.
    public func adding(_ more: some Sequence<String>) -> Redactor {
        Redactor(secrets.union(more))
    }

    /// The text with every secret replaced.
    public func redact(_ text: String) -> String {
        patterns.isEmpty ? text : String(decoding: redact(Array(text.utf8)), as: UTF8.self)
    }

    /// The bytes with every secret replaced, whatever their encoding: secrets are looked for as UTF-8.
    public func redact(_ bytes: [UInt8]) -> [UInt8] {
        patterns.reduce(bytes) { $0.replacing($1, with: Array(Self.placeholder.utf8)) }
    }
}
