/// Where a secret is kept; documents hold only such references, never the secret itself.
public enum SecretReference: Sendable, Hashable, CustomStringConvertible {
    /// An environment variable of this process: `${env:NAME}`.
    case environment(String)
    /// The content of a file, without its last line feed: `${file:PATH}`; relative paths count from the document.
    case file(String)

    /// The regular form of a reference.
    static let pattern = #"\$\{(?:env:[A-Za-z_][A-Za-z0-9_]*|file:[^}]+)\}"#

    /// Reads exactly `${env:NAME}` or `${file:PATH}`; `nil` for anything else.
    public init?(text: String) {
        guard text.hasPrefix("${"), text.hasSuffix("}") else { return nil }
        self.init(inner: text.dropFirst(2).dropLast())
    }

    init?(inner: Substring) {
        let parts = inner.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty, !parts[1].contains("}") else { return nil }
        switch parts[0] {
        case "env":
            guard parts[1].wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil else { return nil }
            self = .environment(String(parts[1]))
        case "file": self = .file(String(parts[1]))
        default: return nil
        }
    }

    /// The reference as it is written.
    public var description: String {
        switch self {
        case .environment(let name): "${env:\(name)}"
        case .file(let path): "${file:\(path)}"
        }
    }
}
