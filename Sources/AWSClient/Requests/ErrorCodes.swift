/// What the error codes of the services mean to a caller; messages are for people and are never looked at.
enum ErrorCodes {
    /// Too many requests ("Standard retry mode" in the SDKs' reference guide; botocore `retries/standard.py`).
    private static let throttling: Set<String> = [
        "BandwidthLimitExceeded", "Client.RequestLimitExceeded", "EC2ThrottledException", "LimitExceededException",
        "PriorRequestNotComplete", "ProvisionedThroughputExceededException", "RequestLimitExceeded",
        "RequestThrottled", "RequestThrottledException", "SlowDown", "ThrottledException", "Throttling",
        "ThrottlingException", "TooManyRequestsException", "TransactionInProgressException",
    ]

    private static let invalid: Set<String> = [
        "AuthFailure", "IncompleteSignature", "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidSignatureException",
        "MissingAuthenticationToken", "MissingAuthenticationTokenException", "NotAuthorized", "OptInRequired",
        "RequestTimeTooSkewed", "SignatureDoesNotMatch", "UnrecognizedClientException",
    ]

    private static let expired: Set<String> = [
        "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired",
    ]

    private static let denied: Set<String> = [
        "AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation", "UnauthorizedOperation",
    ]

    /// Answered with 5xx although repeating soon does not help ("Error codes for the Amazon EC2 API").
    private static let capacity: Set<String> = [
        "InsufficientAddressCapacity", "InsufficientCapacity", "InsufficientCapacityOnHost", "InsufficientHostCapacity",
        "InsufficientInstanceCapacity", "InsufficientReservedInstanceCapacity", "InsufficientVolumeCapacity",
        "MaxSpotInstanceCountExceeded", "SpotMaxPriceTooLow", "Unsupported", "UnsupportedOperation",
    ]

    private static let passing: Set<String> = [
        "InternalError", "InternalFailure", "InternalServerError", "InternalServiceError", "RequestTimeout",
        "RequestTimeoutException", "ServiceUnavailable", "Unavailable",
    ]

    /// Codes that a wrong clock on this machine may be behind.
    static let clock: Set<String> = [
        "AuthFailure", "InvalidSignatureException", "RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    ]

    /// The kind of failure behind a code and a status.
    static func kind(_ code: String, status: Int) -> AWSError.Kind {
        if code == "DryRunOperation" { return .dryRunAllowed }
        if throttling.contains(code) { return .throttled }
        if expired.contains(code) { return .expiredCredentials }
        if invalid.contains(code) { return .invalidCredentials }
        if denied.contains(code) { return .accessDenied }
        if capacity.contains(code) { return .rejected }
        if passing.contains(code) || status >= 500 { return .serviceFailure }
        return .rejected
    }
}
