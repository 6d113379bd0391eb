import AWSClient
import Workflow

/// Puts errors of AWS into a provider's terms, by AWS's own codes alone (EC2 API Reference, Error codes).
enum EC2ErrorMapping {
    /// What a code means to us.
    struct Meaning: Sendable, Hashable {
        var code: ProviderError.Code
        /// What the operator should know or do.
        var advice: String
        /// Whether the identical request may succeed later; `nil` for the code's default.
        var isRetryable: Bool?

        init(_ code: ProviderError.Code, _ advice: String, isRetryable: Bool? = nil) {
            self.code = code
            self.advice = advice
            self.isRetryable = isRetryable
        }
    }

    /// How much of AWS's own message is kept.
    private static let messageLimit = 300

    /// The provider's error for an error of AWS during `operation`.
    static func error(_ error: AWSError, operation: String, region: String) -> ProviderError {
        let place = region.isEmpty ? "" : " (region \(region))"
        let own = bounded(error.detail)
        guard let meaning = error.serviceCode.flatMap(meaning) else {
            return ProviderError(
                code(of: error.kind), operation: operation, detail: "\(own)\(place)", isRetryable: error.isRetryable)
        }
        let isRetryable = meaning.isRetryable ?? (meaning.code == .unavailable || meaning.code == .throttled)
        let permission = meaning.code == .forbidden ? "; needed is \(permission(for: error.action))" : ""
        let quoted = own.isEmpty ? "" : "; AWS says: \(own)"
        return ProviderError(
            meaning.code, operation: operation,
            detail: "\(meaning.advice)\(permission)\(place)\(quoted) [\(error.serviceCode ?? "")]",
            isRetryable: isRetryable)
    }

    /// What a code of EC2 or SSM means; `nil` for one that is not in the table.
    static func meaning(of serviceCode: String) -> Meaning? {
        if let exact = table[serviceCode] { return exact }
        return prefixes.first { serviceCode.hasPrefix($0.prefix) }?.meaning
    }

    /// Whether the next alternative of a launch should be tried.
    static func meansNoRoom(_ error: AWSError) -> Bool {
        guard let code = error.serviceCode else { return false }
        return capacityCodes.contains(code)
    }

    /// A permission as policies write it.
    private static func permission(for action: String) -> String {
        let isManaged = ["SendCommand", "GetCommandInvocation", "CancelCommand", "GetParameter"].contains(action)
        return "\(isManaged ? "ssm" : "ec2"):\(action)"
    }

    private static func code(of kind: AWSError.Kind) -> ProviderError.Code {
        switch kind {
        case .unreachable, .serviceFailure: .unavailable
        case .throttled: .throttled
        case .noCredentials, .expiredCredentials, .invalidCredentials: .unauthenticated
        case .accessDenied: .forbidden
        case .noRegion, .configuration, .dryRunAllowed, .rejected: .invalidRequest
        case .malformedAnswer: .malformedAnswer
        case .cancelled: .cancelled
        }
    }

    private static func bounded(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.count <= messageLimit ? line : line.prefix(messageLimit) + "…"
    }

    /// Codes by which a zone or subnet has no room for such an instance.
    private static let capacityCodes: Set<String> = [
        "InsufficientInstanceCapacity", "InsufficientHostCapacity", "InsufficientReservedInstanceCapacity",
        "InsufficientCapacity", "InsufficientCapacityOnHost", "InsufficientFreeAddressesInSubnet",
        "InsufficientAddressCapacity", "ReservationCapacityExceeded", "SpotMaxPriceTooLow", "Unsupported",
        "UnsupportedHostConfiguration",
    ]

    private static let noRoom = Meaning(
        .capacity,
        "there is no room for such an instance at present; try later, or list other types or zones under "
            + "`alternatives`")
    private static let limit = Meaning(
        .quota, "a limit of the account is reached; ask for a higher one in Service Quotas or free something")
    private static let fullSubnet = Meaning(
        .capacity,
        "the subnet is full: it has no free address; name another subnet under `alternatives` or free "
            + "addresses")
    private static let notAllowed = Meaning(
        .forbidden, "the credentials do not allow this call; add the permission to their policy")
    private static let badCredentials = Meaning(
        .unauthenticated, "AWS does not accept the credentials; renew them or check the profile")
    private static let busy = Meaning(.throttled, "AWS limits the rate of requests")
    private static let unknownInstance = Meaning(
        .instanceNotFound, "EC2 does not know the instance, or not yet; check id and region", isRetryable: true)
    private static let wrongState = Meaning(.invalidState, "the instance's state does not allow this call")
    private static let wrongRequest = Meaning(.invalidRequest, "EC2 refuses the request as it is")
    private static let badVolume = Meaning(
        .invalidRequest, "the key or snapshot of a volume cannot be used; check its state and the key's policy")

    private static let table: [String: Meaning] = [
        "InsufficientInstanceCapacity": noRoom, "InsufficientHostCapacity": noRoom,
        "InsufficientReservedInstanceCapacity": noRoom, "InsufficientCapacity": noRoom,
        "InsufficientCapacityOnHost": noRoom, "ReservationCapacityExceeded": noRoom, "SpotMaxPriceTooLow": noRoom,
        "InsufficientFreeAddressesInSubnet": fullSubnet, "InsufficientAddressCapacity": fullSubnet,
        "Unsupported": Meaning(
            .capacity,
            "the zone or account does not offer such an instance; list other types or zones under "
                + "`alternatives`"),
        "UnsupportedHostConfiguration": noRoom,
        "InstanceLimitExceeded": limit, "VcpuLimitExceeded": limit, "VolumeLimitExceeded": limit,
        "MaxSpotInstanceCountExceeded": limit, "MaxSpotFleetRequestCountExceeded": limit,
        "NetworkInterfaceLimitExceeded": limit, "AddressLimitExceeded": limit, "SnapshotLimitExceeded": limit,
        "MaxIOPSLimitExceeded": limit, "MaxScheduledInstanceCapacityExceeded": limit, "TagLimitExceeded": limit,
        "ResourceLimitExceeded": limit, "ResourceCountExceeded": limit,
        "SecurityGroupsPerInstanceLimitExceeded": limit, "SecurityGroupsPerInterfaceLimitExceeded": limit,
        "UnauthorizedOperation": notAllowed, "AccessDenied": notAllowed, "AccessDeniedException": notAllowed,
        "OptInRequired": Meaning(
            .forbidden, "the account is not subscribed to this image or service; accept its terms in AWS Marketplace"),
        "Blocked": Meaning(.forbidden, "AWS has blocked the account; its support can say why"),
        "PendingVerification": Meaning(
            .forbidden, "AWS still verifies the account; it takes some minutes, up to hours", isRetryable: true),
        "AuthFailure": badCredentials, "InvalidClientTokenId": badCredentials, "SignatureDoesNotMatch": badCredentials,
        "RequestExpired": badCredentials, "ExpiredToken": badCredentials, "ExpiredTokenException": badCredentials,
        "UnrecognizedClientException": badCredentials, "MissingAuthenticationToken": badCredentials,
        "RequestLimitExceeded": busy, "Throttling": busy, "ThrottlingException": busy, "SlowDown": busy,
        "Unavailable": Meaning(.unavailable, "EC2 is overloaded or down for the moment"),
        "ServiceUnavailable": Meaning(.unavailable, "EC2 is overloaded or down for the moment"),
        "InternalError": Meaning(.unavailable, "EC2 failed for a reason of its own"),
        "InternalFailure": Meaning(.unavailable, "EC2 failed for a reason of its own"),
        "InternalServerError": Meaning(.unavailable, "AWS failed for a reason of its own"),
        "InvalidInstanceID.NotFound": unknownInstance,
        "InvalidInstanceID.Malformed": Meaning(.invalidRequest, "that is no id of an instance"),
        "OperationNotPermitted": Meaning(
            .terminationProtected,
            "the instance is protected against termination or stopping; take the protection off yourself if that is "
                + "meant"),
        "IncorrectInstanceState": wrongState, "IncorrectState": wrongState, "InvalidState": wrongState,
        "UnsupportedOperation": wrongState,
        "IdempotentParameterMismatch": Meaning(
            .invalidRequest, "another launch was made with the same token; plan again"),
        "IdempotentInstanceTerminated": Meaning(
            .invalidState, "the instance that this launch created is terminated already; plan again",
            isRetryable: false),
        "Client.InvalidKMSKey.InvalidState": badVolume, "InvalidSnapshot.NotFound": badVolume,
        "VolumeTypeNotAvailableInZone": Meaning(.capacity, "the zone does not offer the volume type"),
        "InvalidUserData.Malformed": wrongRequest, "UserDataTooLarge": wrongRequest,
    ]

    /// Families of codes, looked at in order.
    private static let prefixes: [(prefix: String, meaning: Meaning)] = [
        (
            "InvalidAMIID.",
            Meaning(
                .imageNotFound,
                "EC2 does not know the image, or it is not available or not shared with this account; correct "
                    + "`image` and plan again")
        ),
        (
            "InvalidSubnetID.",
            Meaning(.invalidRequest, "EC2 does not know the subnet; correct `subnet` and plan again")
        ),
        (
            "InvalidSubnet.",
            Meaning(.invalidRequest, "the subnet cannot be used; correct `subnet` and plan again")
        ),
        (
            "InvalidGroup.",
            Meaning(.invalidRequest, "a security group does not exist in this network; correct them and plan again")
        ),
        (
            "InvalidKeyPair.",
            Meaning(.invalidRequest, "EC2 does not know the key pair; import it again, or leave `key` out of `inherit`")
        ),
        ("InvalidKMSKey.", badVolume), ("KMSKey.", badVolume), ("InvalidParameter", wrongRequest),
        ("MissingParameter", wrongRequest), ("InvalidIamInstanceProfileArn", wrongRequest),
    ]
}
