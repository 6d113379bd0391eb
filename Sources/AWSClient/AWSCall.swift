/// One request to a service, before it is signed.
public struct AWSCall: Sendable {
    /// Whether the client may repeat a request by itself.
    public enum Repetition: Sendable, Hashable {
        /// It reads, or has no further effect when it is repeated: repeated after any passing failure.
        case harmless
        /// It may have an effect each time: repeated only where it certainly had none.
        case effective
    }

    /// The service.
    public var service: AWSService
    /// The action, such as `DescribeInstances`.
    public var action: String
    /// Form parameters of the query protocol, flattened (`InstanceId.1`); their order does not matter.
    public var parameters: [String: String]
    /// The body of the JSON protocol.
    public var body: [UInt8]
    /// Whether the client may repeat it by itself.
    public var repetition: Repetition
    /// Which token bucket it draws from; the action's own name unless the service has several for one action.
    public var bucket: String

    /// Creates a call of the query protocol.
    public init(
        _ service: AWSService, _ action: String, _ parameters: [String: String] = [:],
        repetition: Repetition, bucket: String? = nil
    ) {
        self.service = service
        self.action = action
        self.parameters = parameters
        self.body = []
        self.repetition = repetition
        self.bucket = bucket ?? action
    }

    /// Creates a call of the JSON protocol.
    public init(_ service: AWSService, _ action: String, json body: [UInt8], repetition: Repetition) {
        self.service = service
        self.action = action
        self.parameters = [:]
        self.body = body
        self.repetition = repetition
        self.bucket = action
    }
}
