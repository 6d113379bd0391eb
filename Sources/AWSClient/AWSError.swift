/// Why a call did not do what it was asked; its description is safe to print.
public struct AWSError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The stable kinds of failure.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// The service cannot be reached, or the connection broke or timed out.
        case unreachable
        /// The service answered with a failure of its own (5xx).
        case serviceFailure
        /// Too many requests.
        case throttled
        /// There are no credentials; the detail says where they were looked for.
        case noCredentials
        /// The credentials have expired and could not be renewed.
        case expiredCredentials
        /// The service does not know the credentials or refuses the signature.
        case invalidCredentials
        /// The credentials do not allow the call.
        case accessDenied
        /// No region is configured, or it cannot be one.
        case noRegion
        /// A configuration file, profile or endpoint is wrong.
        case configuration
        /// A dry run found that the call would have been allowed.
        case dryRunAllowed
        /// The service refused the request itself; `serviceCode` says why.
        case rejected
        /// An answer that cannot be understood or is larger than allowed.
        case malformedAnswer
        /// The surrounding task was cancelled.
        case cancelled
    }

    /// The kind of failure.
    public var kind: Kind
    /// The action, such as `RunInstances`; empty where no call was made.
    public var action: String
    /// The service's own error code, such as `InvalidInstanceID.NotFound`.
    public var serviceCode: String?
    /// What went wrong and what to do about it, without secrets.
    public var detail: String
    /// The HTTP status, when there was an answer.
    public var status: Int?
    /// The service's id of the request, for its support.
    public var requestID: String?
    /// Whether the identical call may succeed later.
    public var isRetryable: Bool
    /// Whether the call may have taken effect although it failed; for a harmless call, whether an attempt before the last
    /// one may have.
    public var isUncertain: Bool

    /// Creates an error.
    public init(
        _ kind: Kind, action: String, serviceCode: String? = nil, detail: String, status: Int? = nil,
        requestID: String? = nil, isRetryable: Bool, isUncertain: Bool = false
    ) {
        self.kind = kind
        self.action = action
        self.serviceCode = serviceCode
        self.detail = detail
        self.status = status
        self.requestID = requestID
        self.isRetryable = isRetryable
        self.isUncertain = isUncertain
    }

    /// The action, what went wrong, and the code.
    public var description: String {
        (action.isEmpty ? "" : "\(action): ") + "\(detail) [\(serviceCode ?? kind.rawValue)]"
    }
}
