internal import Documents

/// The format of `ssh` under the `commands` of a provider.
enum SSHFormat {
    private static let user = DocumentKey(
        "user", DocumentFormat<String>.text("a user"), isRequired: true, summary: "The user to log in as.")
    private static let identityFile = DocumentKey(
        "identityFile", DocumentFormat<String>.text("a path"),
        summary: "The private key's file; the agent's keys by default.")
    private static let knownHostsFile = DocumentKey(
        "knownHostsFile", DocumentFormat<String>.text("a path"),
        summary: "The same as hostKeys with knownHosts, as files before that key had it.")
    private static let port = DocumentKey("port", .integer(in: 1...65535), defaultText: "22", summary: "The port.")
    private static let jumpHost = DocumentKey(
        "jumpHost", DocumentFormat<String>.text("a host"),
        summary: "A host to go through, as [user@]host[:port]; several with commas.")
    private static let sudo = DocumentKey(
        "sudo", DocumentFormat<Bool>.boolean, defaultText: "true", summary: "Whether commands are run by sudo.")

    private typealias HostKeys = SSHConfiguration.HostKeys
    private static let knownHosts = DocumentKey(
        "knownHosts", DocumentFormat<String>.text("a path").map { HostKeys.knownHosts($0) },
        summary: "The file of known host keys, the only one then used.")
    private static let certificateAuthority = DocumentKey(
        "certificateAuthority",
        DocumentFormat<String>.text("a public key or a path").map { HostKeys.certificateAuthority($0) },
        summary: "The public key of the authority that signs host keys, or the path of its file.")
    private static let hostKeys = DocumentKey(
        "hostKeys",
        DocumentFormat<HostKeys>.either(
            text: .choice([("console", .console), ("knownHosts", .knownHosts(nil))]),
            mapping: .object("hostKeys", keys: [knownHosts.shape, certificateAuthority.shape]) { object in
                object.exactlyOne(of: [knownHosts, certificateAuthority])
            }),
        defaultText: "knownHosts",
        summary: "Where host keys are believed from: console, knownHosts, or a file. Unknown keys are refused.")

    static let ssh = DocumentFormat<SSHConfiguration>.object(
        "ssh",
        keys: [
            user.shape, identityFile.shape, hostKeys.shape, knownHostsFile.shape, port.shape, jumpHost.shape,
            sudo.shape,
        ]
    ) { object in
        let name = object[user]
        if object.contains("hostKeys"), let place = object.place(of: "knownHostsFile") {
            place.report(
                .conflictingKeys, "knownHostsFile is another spelling of hostKeys with knownHosts; only one of them",
                suggestion: "leave it out")
            return nil
        }
        let keys = object[hostKeys] ?? .knownHosts(object[knownHostsFile])
        let settings = SSHConfiguration(
            user: name ?? "", identityFile: object[identityFile], hostKeys: keys, port: object[port] ?? 22,
            jumpHost: object[jumpHost], usesSudo: object[sudo] ?? true)
        return name == nil ? nil : settings
    }

    /// The key under which the settings stand among other ways to run commands.
    static let key = DocumentKey("ssh", ssh, isRequired: true, summary: "By the OpenSSH client.")
}
