internal import Workflow

/// Credentials of roles, from the Security Token Service.
struct RoleSource: Sendable {
    let resolved: ResolvedSettings
    let sender: RequestSender

    /// Assumes the role of a profile with credentials that are allowed to.
    func assume(
        _ profile: [String: String], named name: String, with source: LoadedCredentials
    ) async throws(AWSError) -> LoadedCredentials {
        guard profile["mfa_serial"] == nil else {
            throw .configuration(
                "the profile \(name) asks for a device's code (mfa_serial), which nobody can type here; "
                    + "use a credential_process or temporary credentials instead")
        }
        var parameters = ["RoleArn": profile["role_arn"] ?? ""]
        parameters["RoleSessionName"] = profile["role_session_name"] ?? sessionName()
        parameters["ExternalId"] = profile["external_id"]
        // As botocore, a duration that is no number is passed over.
        parameters["DurationSeconds"] = profile["duration_seconds"].flatMap { Int($0) }.map(String.init)
        return try await call("AssumeRole", parameters, signedWith: source.credentials)
    }

    /// Assumes a role with a token from a file, which is read anew each time because its issuer replaces it.
    func assume(
        role: String, sessionName name: String?, tokenFile path: String
    ) async throws(AWSError) -> LoadedCredentials {
        guard case .bytes(let bytes) = SmallFile.read(path) else {
            throw .configuration("the web identity token file cannot be read")
        }
        let token = String(decoding: bytes, as: UTF8.self)
        sender.secrets.add([token])
        let parameters = [
            "RoleArn": role, "RoleSessionName": name ?? sessionName(), "WebIdentityToken": token,
        ]
        return try await call("AssumeRoleWithWebIdentity", parameters, signedWith: nil)
    }

    private func sessionName() -> String { "changeover-\(sender.clock.wallTime().milliseconds / 1000)" }

    private func call(
        _ action: String, _ parameters: [String: String], signedWith credentials: AWSCredentials?
    ) async throws(AWSError) -> LoadedCredentials {
        let root = try await sender.query(
            AWSCall(.sts, action, parameters, repetition: .harmless), settings: resolved,
            supply: FixedSupply(fixed: credentials))
        let found = root["\(action)Result"]?["Credentials"]
        guard let key = found?.text("AccessKeyId"), let secret = found?.text("SecretAccessKey"),
            let token = found?.text("SessionToken"),
            let expiry = found?.text("Expiration").flatMap({ CivilTime.wallTime(iso8601: $0) })
        else {
            throw AWSError(
                .malformedAnswer, action: action, detail: "the answer has no credentials", isRetryable: false)
        }
        let assumed = AWSCredentials(accessKeyID: key, secretAccessKey: secret, sessionToken: token)
        return LoadedCredentials(credentials: assumed, expiry: expiry, canRenew: true)
    }
}
