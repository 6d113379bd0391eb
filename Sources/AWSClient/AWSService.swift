/// A web service of AWS: how it is spoken to and what its requests are signed for.
public struct AWSService: Sendable, Hashable {
    /// How requests and answers are written.
    public enum WireProtocol: Sendable, Hashable {
        /// Form parameters in, XML out; `version` is the API's date.
        case query(version: String)
        /// JSON in and out; `target` is what `X-Amz-Target` begins with, `version` the number after `x-amz-json-`.
        case json(target: String, version: String)
    }

    /// The service in host names, such as `ec2` in `ec2.eu-central-1.amazonaws.com`.
    public var hostPrefix: String
    /// The service in the scope of a signature.
    public var signingName: String
    /// The service in `AWS_ENDPOINT_URL_…`, such as `EC2`, and in the `services` section of a profile, lower case.
    public var endpointKey: String
    /// How requests and answers are written.
    public var wireProtocol: WireProtocol

    /// Creates a service.
    public init(hostPrefix: String, signingName: String, endpointKey: String, wireProtocol: WireProtocol) {
        self.hostPrefix = hostPrefix
        self.signingName = signingName
        self.endpointKey = endpointKey
        self.wireProtocol = wireProtocol
    }

    /// Elastic Compute Cloud.
    public static let ec2 = AWSService(
        hostPrefix: "ec2", signingName: "ec2", endpointKey: "EC2", wireProtocol: .query(version: "2016-11-15"))
    /// Elastic Load Balancing, the version with target groups.
    public static let elbv2 = AWSService(
        hostPrefix: "elasticloadbalancing", signingName: "elasticloadbalancing",
        endpointKey: "ELASTIC_LOAD_BALANCING_V2", wireProtocol: .query(version: "2015-12-01"))
    /// Systems Manager.
    public static let ssm = AWSService(
        hostPrefix: "ssm", signingName: "ssm", endpointKey: "SSM",
        wireProtocol: .json(target: "AmazonSSM", version: "1.1"))
    /// Security Token Service.
    public static let sts = AWSService(
        hostPrefix: "sts", signingName: "sts", endpointKey: "STS", wireProtocol: .query(version: "2011-06-15"))
}
