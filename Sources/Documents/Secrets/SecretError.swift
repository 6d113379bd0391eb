/// Why a secret could not be had; says which one, never its value.
public struct SecretError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The stable kinds of failure.
    public enum Code: String, Sendable, Hashable {
        /// The environment variable is not set, or empty.
        case unset
        /// The file cannot be read, is too large or not UTF-8.
        case unreadable
    }

    /// The kind of failure.
    public var code: Code
    /// The reference that cannot be resolved.
    public var reference: SecretReference

    /// Creates a secret error.
    public init(_ code: Code, reference: SecretReference) {
        self.code = code
        self.reference = reference
    }

    /// The reference and the code.
    public var description: String {
        switch code {
        case .unset: "the secret \(reference) is not set [unset]"
        case .unreadable: "the secret \(reference) cannot be read [unreadable]"
        }
    }
}
