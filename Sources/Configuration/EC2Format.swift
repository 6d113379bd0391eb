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

    private static let user = DocumentKey(
        "user", DocumentFormat<String>.text("a user"), isRequired: true, summary: "The user to log in as.")
    private static let identityFile = DocumentKey(
        "identityFile", DocumentFormat<String>.text("a path"),
        summary: "The private key's file; the agent's keys by default.")
    private static let knownHostsFile = DocumentKey(
        "knownHostsFile", DocumentFormat<String>.text("a path"),
        summary: "The file of known host keys; the user's own by default. Unknown keys are refused.")
    private static let port = DocumentKey("port", .integer(in: 1...65535), defaultText: "22", summary: "The port.")
    private static let jumpHost = DocumentKey(
        "jumpHost", DocumentFormat<String>.text("a host"), summary: "A host to go through.")
    private static let sudo = DocumentKey(
        "sudo", DocumentFormat<Bool>.boolean, defaultText: "true", summary: "Whether commands are run by sudo.")
    private static let ssh = DocumentFormat<EC2Configuration.Commands>.object(
        "ssh",
        keys: [user.shape, identityFile.shape, knownHostsFile.shape, port.shape, jumpHost.shape, sudo.shape]
    ) { object in
        let name = object[user]
        let settings = EC2Configuration.SSHConfiguration(
            user: name ?? "", identityFile: object[identityFile], knownHostsFile: object[knownHostsFile],
            port: object[port] ?? 22, jumpHost: object[jumpHost], usesSudo: object[sudo] ?? true)
        return name == nil ? nil : .ssh(settings)
    }
    private static let sshKey = DocumentKey("ssh", ssh, isRequired: true, summary: "By the OpenSSH client.")
    private static let commands = DocumentKey(
        "commands",
        DocumentFormat<EC2Configuration.Commands>.either(
            text: .choice([("ssm", .ssm), ("none", .none)]),
            mapping: .object("commands", keys: [sshKey.shape]) { $0[sshKey] }),
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
