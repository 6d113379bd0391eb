/// User data, which may hold secrets: it is shown nowhere, whatever it is printed with.
struct UserData: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var bytes: [UInt8]

    /// Says only how much there is.
    var description: String { "\(bytes.count) bytes of user data" }
    /// Says only how much there is.
    var debugDescription: String { description }
    /// Shows nothing of the content.
    var customMirror: Mirror { Mirror(self, children: []) }
    /// The SHA-256 digest in lower-case hexadecimal.
    var digest: String { ContentDigest.hexadecimal(of: bytes) }
}
