/// Takes known secrets out of any text before it is shown or stored.
public struct Redactor: Sendable, Hashable {
    /// What stands in place of a secret.
    public static let placeholder = "[redacted]"

    /// The secrets, the longest first so that one inside another leaves nothing over.
    private let secrets: [String]

    /// Creates a redactor of these secrets; each longer line of a secret with several lines counts as a secret too.
    public init(_ secrets: some Sequence<String> = []) {
        var all: Set<String> = []
        for secret in secrets {
            all.insert(secret)
            let lines = secret.split(whereSeparator: \.isNewline)
            if lines.count > 1 { all.formUnion(lines.filter { $0.count >= 8 }.map(String.init)) }
        }
        all.remove("")
        self.secrets = all.sorted { ($0.count, $0) > ($1.count, $1) }
    }

    /// A redactor of these secrets too.
    public func adding(_ more: some Sequence<String>) -> Redactor {
        Redactor(secrets + Array(more))
    }

    /// The text with every secret replaced.
    public func redact(_ text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: Self.placeholder) }
    }
}
