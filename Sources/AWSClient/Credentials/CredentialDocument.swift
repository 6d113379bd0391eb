internal import FoundationEssentials

/// Credentials in JSON, as credential processes, containers and instances give them.
struct CredentialDocument: Decodable {
    var version: Int?
    var accessKeyID: String?
    var secretAccessKey: String?
    var sessionToken: String?
    var token: String?
    var expiration: String?

    private enum CodingKeys: String, CodingKey {
        case version = "Version"
        case accessKeyID = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case sessionToken = "SessionToken"
        case token = "Token"
        case expiration = "Expiration"
    }

    /// Reads a document; `nil` when it is none or has no keys.
    init?(_ bytes: [UInt8]) {
        guard let document = try? JSONDecoder().decode(CredentialDocument.self, from: Data(bytes)) else { return nil }
        self = document
    }

    /// What it holds, if it is complete.
    func loaded() -> LoadedCredentials? {
        guard let accessKeyID, !accessKeyID.isEmpty, let secretAccessKey, !secretAccessKey.isEmpty else { return nil }
        let expiry = expiration.flatMap { CivilTime.wallTime(iso8601: $0) }
        guard expiry != nil || expiration == nil else { return nil }
        let credentials = AWSCredentials(
            accessKeyID: accessKeyID, secretAccessKey: secretAccessKey, sessionToken: sessionToken ?? token)
        return LoadedCredentials(credentials: credentials, expiry: expiry, canRenew: true)
    }
}
