internal import Synchronization

/// Knows every secret that the client has used, so that none gets into an error.
final class SecretRegister: Sendable {
    /// Shorter texts would be found in ordinary words.
    private static let minLength = 4
    /// Bounds how many are known; credentials are renewed a few times an hour.
    private static let capacity = 64
    private let known = Mutex<[String]>([])

    /// Remembers secrets; the oldest are forgotten when there are too many.
    func add(_ secrets: [String]) {
        known.withLock { known in
            for secret in secrets where secret.utf8.count >= Self.minLength && !known.contains(secret) {
                known.append(secret)
            }
            known.removeFirst(max(0, known.count - Self.capacity))
        }
    }

    /// The text with every known secret replaced.
    func redact(_ text: String) -> String {
        let secrets = known.withLock { $0 }.sorted { $0.utf8.count > $1.utf8.count }
        var result = text
        for secret in secrets where result.contains(secret) {
            result = result.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "[redacted]")
        }
        return result
    }

    /// The error without secrets, its detail and codes cut to sensible lengths.
    func redact(_ error: AWSError) -> AWSError {
        var error = error
        // Control characters of a foreign message must not reach a terminal.
        error.detail = Self.cut(redact(error.detail), to: 500)
        error.serviceCode = error.serviceCode.map { Self.cut(redact($0), to: 100) }
        error.requestID = error.requestID.map { Self.cut(redact($0), to: 100) }
        return error
    }

    private static func cut(_ text: String, to limit: Int) -> String {
        let plain = String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
        return plain.count > limit ? plain.prefix(limit - 1) + "…" : plain
    }
}
