/// Why a call did not do what it was asked; its description is safe to print.
public struct LXDError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The stable kinds of failure.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The server cannot be reached, is starting or stopping, or did not answer in time; worth another try.
        case unavailable
        /// There is no socket, or nobody listens on it.
        case noServer
        /// This user may not open the socket, or the certificate may not do what was asked.
        case forbidden
        /// The server does not trust the client's certificate, or there is none.
        case untrustedClient
        /// The server's certificate is not the one that was expected.
        case untrustedServer
        /// The certificate's or key's file cannot be read.
        case certificateFile
        /// There is no such instance, image, operation, …
        case notFound
        /// There is one already.
        case exists
        /// The resource has been changed since it was read.
        case conflict
        /// The server is busy with another operation on the resource; worth another try.
        case busy
        /// No disk space, memory or other capacity.
        case capacity
        /// A project's limit is reached.
        case quota
        /// The server lacks an API extension that is needed.
        case unsupported
        /// The request itself is wrong.
        case invalidRequest
        /// The operation failed, as its text says.
        case failed
        /// An answer that cannot be understood.
        case malformedAnswer
        /// The surrounding task was cancelled.
        case cancelled
    }

    /// The kind of failure.
    public var code: Code
    /// What was asked, such as `PUT /1.0/instances/web-1`.
    public var request: String
    /// What went wrong and what to do about it, without secrets.
    public var detail: String
    /// Whether the change may have been made all the same, since no answer was received.
    public var isUncertain: Bool

    /// Creates an error.
    public init(_ code: Code, request: String, detail: String, isUncertain: Bool = false) {
        self.code = code
        self.request = request
        self.detail = detail
        self.isUncertain = isUncertain
    }

    /// Whether the identical request may succeed later.
    public var isRetryable: Bool { code == .unavailable || code == .busy || code == .noServer }

    /// What was asked, what went wrong, and the code.
    public var description: String { "\(request): \(detail) [\(code.rawValue)]" }
}
