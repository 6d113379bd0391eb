internal import Documents
internal import Workflow

/// The format of `ec2` under a provider.
enum EC2Format {
    private static let region = DocumentKey(
        "region", DocumentFormat<String>.text("a region"),
        summary: "The region; AWS_REGION, AWS_DEFAULT_REGION, then the profile's by default.")
    private static let profile = DocumentKey(
        "profile", DocumentFormat<String>.text("a profile"),
        summary: "A profile of the AWS configuration files; AWS_PROFILE by default.")
    private static let endpoint = DocumentKey(
        "endpoint", DocumentFormat<String>.text("a URL"),
        summary: "Where the services are, for another cloud that speaks their language; AWS_ENDPOINT_URL by default.")
    private static let consistencyWindow = DocumentKey(
        "consistencyWindow", .span(in: .seconds(10)...(.minutes(30))), defaultText: "5m",
        summary: "How long a read must keep missing an instance before it counts as absent.")

    private enum Address: String, CaseIterable {
        case `private`
        case `public`
    }
    private static let address = DocumentKey(
        "address", DocumentFormat<Address>.choice, defaultText: "private",
        summary: "The address at which checks and routers reach an instance.")

    private static let commands = DocumentKey(
        "commands",
        DocumentFormat<EC2Configuration.Commands>.either(
            text: .choice([("ssm", .ssm), ("none", .none)]),
            mapping: .object("commands", keys: [SSHFormat.key.shape]) { $0[SSHFormat.key].map { .ssh($0) } }),
        defaultText: "ssm",
        summary: "How commands are run on instances: ssm, none, or ssh with its settings.")

    static let ec2 = DocumentFormat<ConfigurationFile.Provider>.object(
        "ec2",
        keys: [
            region.shape, profile.shape, endpoint.shape, commands.shape, address.shape, consistencyWindow.shape,
        ]
    ) { object in
        .ec2(
            EC2Configuration(
                region: object[region], profile: object[profile], endpoint: object[endpoint],
                commands: object[commands] ?? .ssm, usesPublicAddress: object[address] == .public,
                consistencyWindow: object[consistencyWindow] ?? .minutes(5)))
    }
}
