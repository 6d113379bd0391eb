/// An access key, its secret and, if they are temporary, their session token; its description shows none of them.
struct AWSCredentials: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    var accessKeyID: String
    var secretAccessKey: String
    var sessionToken: String?

    var description: String { "AWSCredentials([redacted])" }
    var customMirror: Mirror { Mirror(self, children: [:]) }

    /// Everything that must not be shown.
    var secrets: [String] { [accessKeyID, secretAccessKey] + (sessionToken.map { [$0] } ?? []) }
}
