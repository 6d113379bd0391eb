/// How commands are run on the instances of an EC2 provider.
public enum EC2Commands: Sendable, Hashable {
    /// By AWS Systems Manager: its agent runs on the instance and the instance's role allows it.
    case ssm
    /// By the OpenSSH client.
    case ssh(SSHSettings)
    /// Not at all: first boot is followed on the console, and nothing is inspected.
    case none
}
