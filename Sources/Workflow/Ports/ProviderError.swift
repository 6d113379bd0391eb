/// Why a provider's call did not do what it was asked; its description is safe to print.
public struct ProviderError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The stable kinds of failure, by which callers decide what to do next.
    public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
        /// The provider cannot be reached or answered with its own failure; worth another try.
        case unavailable
        /// Too many requests; worth another try, later.
        case throttled
        /// No room for such an instance at present.
        case capacity
        /// An account's limit is reached.
        case quota
        /// The credentials are missing, wrong or expired.
        case unauthenticated
        /// The credentials do not allow this call.
        case forbidden
        /// The provider does not know the instance.
        case instanceNotFound
        /// The provider does not know the image.
        case imageNotFound
        /// The instance is protected against termination.
        case terminationProtected
        /// The instance's state does not allow this call.
        case invalidState
        /// The request itself is wrong, so that repeating it is pointless.
        case invalidRequest
        /// The provider's folder or disk cannot be written.
        case storage
        /// An answer that cannot be understood.
        case malformedAnswer
        /// The surrounding task was cancelled.
        case cancelled
    }

    /// The kind of failure.
    public var code: Code
    /// What was being done, such as `launch web-2`.
    public var operation: String
    /// What went wrong and what to do about it, without secrets.
    public var detail: String
    /// Whether the identical request may succeed later.
    public var isRetryable: Bool

    /// Creates a provider error; by default `unavailable` and `throttled` are the retryable ones.
    public init(_ code: Code, operation: String, detail: String, isRetryable: Bool? = nil) {
        self.code = code
        self.operation = operation
        self.detail = detail
        self.isRetryable = isRetryable ?? (code == .unavailable || code == .throttled)
    }

    /// What was being done, what went wrong, and the code.
    public var description: String { "\(operation): \(detail) [\(code.rawValue)]" }
}
