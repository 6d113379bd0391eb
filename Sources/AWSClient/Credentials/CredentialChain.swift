internal import Workflow

/// Looks for credentials in botocore's order (`botocore/credentials.py`), in files as they are now.
struct CredentialChain: Sendable {
    private let resolved: ResolvedSettings
    private let sender: RequestSender
    private let metadata: MetadataSource
    private let roles: RoleSource

    init(settings: AWSSettings, environment: [String: String], sender: RequestSender) throws(AWSError) {
        let resolved = try ResolvedSettings(settings: settings, environment: environment)
        self.resolved = resolved
        self.sender = sender
        metadata = MetadataSource(resolved: resolved, sender: sender)
        roles = RoleSource(resolved: resolved, sender: sender)
    }

    private var environment: [String: String] { resolved.environment }

    /// The first credentials that any source has.
    func load() async throws(AWSError) -> LoadedCredentials {
        let loaded = try await found()
        sender.secrets.add(loaded.credentials.secrets)
        return loaded
    }

    private func found() async throws(AWSError) -> LoadedCredentials {
        // Somebody who names a profile means it, whatever the environment says.
        let isExplicit = resolved.settings.profile != nil
        if !isExplicit, let found = try environmentCredentials() { return found }
        if Self.assumesRole(resolved.profile) {
            return try await assumed(resolved.profileName, visited: [resolved.profileName])
        }
        if let found = try await profileCredentials(resolved.profileName, usesEnvironment: !isExplicit) { return found }
        if let found = try await metadata.container() { return found }
        if let found = try await metadata.instance() { return found }
        throw AWSError(
            .noCredentials, action: "",
            detail: "there are no credentials: looked in "
                + (isExplicit ? "" : "the environment (AWS_ACCESS_KEY_ID), ")
                + "the profile \(resolved.profileName) of \(resolved.files.credentialsPath) and "
                + "\(resolved.files.configurationPath), the container's endpoint and the instance's metadata",
            isRetryable: false)
    }

    /// `AWS_ACCESS_KEY_ID` and what goes with it.
    private func environmentCredentials() throws(AWSError) -> LoadedCredentials? {
        let variable = { (name: String) in environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        guard let key = variable("AWS_ACCESS_KEY_ID") else { return nil }
        guard let secret = variable("AWS_SECRET_ACCESS_KEY") else {
            throw .configuration("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not")
        }
        var expiry: WallTime?
        if let text = variable("AWS_CREDENTIAL_EXPIRATION") {
            expiry = CivilTime.wallTime(iso8601: text)
            if expiry == nil {
                throw .configuration("AWS_CREDENTIAL_EXPIRATION is no time such as 2027-01-31T12:00:00Z")
            }
        }
        let credentials = AWSCredentials(
            accessKeyID: key, secretAccessKey: secret,
            sessionToken: variable("AWS_SECURITY_TOKEN") ?? variable("AWS_SESSION_TOKEN"))
        return LoadedCredentials(credentials: credentials, expiry: expiry, canRenew: false)
    }

    private static func assumesRole(_ profile: [String: String]) -> Bool {
        profile["role_arn"] != nil && profile["web_identity_token_file"] == nil
    }

    private static func hasKeys(_ profile: [String: String]) -> Bool {
        profile["aws_access_key_id"] != nil || profile["aws_secret_access_key"] != nil
    }

    /// The credentials of a profile's role, whose source may be a profile with a role in turn.
    private func assumed(_ name: String, visited: [String]) async throws(AWSError) -> LoadedCredentials {
        let profile = resolved.files.merged[name] ?? [:]
        let source: LoadedCredentials
        switch (profile["source_profile"], profile["credential_source"]) {
        case (.some, .some):
            throw .configuration("the profile \(name) has both source_profile and credential_source")
        case (nil, nil):
            throw .configuration("the profile \(name) has a role_arn but neither source_profile nor credential_source")
        case (nil, .some(let kind)):
            source = try await named(kind, profile: name)
        case (.some(let next), nil):
            source = try await sourceProfile(next, of: name, visited: visited)
        }
        return try await roles.assume(profile, named: name, with: source)
    }

    private func sourceProfile(
        _ name: String, of parent: String, visited: [String]
    ) async throws(AWSError) -> LoadedCredentials {
        guard let profile = resolved.files.merged[name] else {
            throw .configuration("the source_profile \(name) of the profile \(parent) does not exist")
        }
        // A profile may be its own source when it has keys too.
        if visited.contains(name), name != parent || !Self.hasKeys(profile) {
            throw .configuration("the profiles \((visited + [name]).joined(separator: ", ")) lead to each other")
        }
        if !Self.hasKeys(profile), Self.assumesRole(profile) {
            return try await assumed(name, visited: visited + [name])
        }
        guard let found = try await profileCredentials(name, usesEnvironment: false) else {
            throw .configuration("the source_profile \(name) of the profile \(parent) has no credentials")
        }
        return found
    }

    private func named(_ kind: String, profile: String) async throws(AWSError) -> LoadedCredentials {
        let found: LoadedCredentials?
        switch kind {
        case "Environment": found = try environmentCredentials()
        case "EcsContainer": found = try await metadata.container()
        case "Ec2InstanceMetadata": found = try await metadata.instance()
        default:
            throw .configuration(
                "the credential_source of the profile \(profile) is none of Environment, EcsContainer and "
                    + "Ec2InstanceMetadata")
        }
        guard let found else {
            throw AWSError(
                .noCredentials, action: "",
                detail: "the credential_source \(kind) of the profile \(profile) has no credentials", isRetryable: false
            )
        }
        return found
    }

    /// What a profile itself holds: a web identity, keys in either file, or a process.
    private func profileCredentials(
        _ name: String, usesEnvironment: Bool
    ) async throws(AWSError) -> LoadedCredentials? {
        let profile = resolved.files.merged[name] ?? [:]
        if let found = try await webIdentity(profile, usesEnvironment: usesEnvironment) { return found }
        if profile["sso_session"] != nil || profile["sso_start_url"] != nil {
            throw .configuration(
                "the profile \(name) signs in with IAM Identity Center, which only the AWS tools can; name a profile "
                    + "with: credential_process = aws configure export-credentials --profile \(name)")
        }
        if let found = try keys(resolved.files.credentials[name], of: name) { return found }
        if let command = profile["credential_process"] { return try await process(command, of: name) }
        return try keys(resolved.files.configured[name], of: name)
    }

    private func webIdentity(
        _ profile: [String: String], usesEnvironment: Bool
    ) async throws(AWSError) -> LoadedCredentials? {
        let setting = { (variable: String, key: String) in
            (usesEnvironment ? environment[variable] : nil) ?? profile[key]
        }
        guard let path = setting("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file"), !path.isEmpty else {
            return nil
        }
        guard let role = setting("AWS_ROLE_ARN", "role_arn"), !role.isEmpty else {
            throw .configuration("a web identity token file is configured but no role: set AWS_ROLE_ARN or role_arn")
        }
        return try await roles.assume(
            role: role, sessionName: setting("AWS_ROLE_SESSION_NAME", "role_session_name"), tokenFile: path)
    }

    private func keys(_ section: [String: String]?, of name: String) throws(AWSError) -> LoadedCredentials? {
        guard let section, let key = section["aws_access_key_id"] else { return nil }
        guard let secret = section["aws_secret_access_key"] else {
            throw .configuration("the profile \(name) has an aws_access_key_id but no aws_secret_access_key")
        }
        let credentials = AWSCredentials(
            accessKeyID: key, secretAccessKey: secret,
            sessionToken: section["aws_security_token"] ?? section["aws_session_token"])
        return LoadedCredentials(credentials: credentials, expiry: nil, canRenew: true)
    }

    private func process(_ command: String, of name: String) async throws(AWSError) -> LoadedCredentials {
        let problem: String
        guard let words = ShellWords.split(command), !words.isEmpty else {
            throw .configuration("the credential_process of the profile \(name) has a quotation that does not end")
        }
        switch await CredentialProcess(arguments: words, environment: environment).run() {
        case .success(let output):
            guard let document = CredentialDocument(output) else {
                problem = "its output is no JSON"
                break
            }
            guard document.version == 1 else {
                problem = "its output is not of version 1"
                break
            }
            guard let loaded = document.loaded() else {
                problem = "its output has no keys"
                break
            }
            return loaded
        case .failure(.notFound): problem = "the program does not exist"
        case .failure(.notStarted(let number)): problem = "it cannot be started (error \(number))"
        case .failure(.ended(let status)): problem = "it ended with status \(status)"
        case .failure(.tooLong): problem = "it took longer than 60 s"
        case .failure(.tooMuchOutput): problem = "it printed more than \(CredentialProcess.maxOutputBytes) bytes"
        }
        throw AWSError(
            .noCredentials, action: "", detail: "the credential_process of the profile \(name) failed: \(problem)",
            isRetryable: true)
    }
}
