/// Where a call gets the credentials it is signed with.
protocol CredentialSupply: Sendable {
    /// Credentials that are valid now; `nil` for a call that is not signed.
    func credentials() async throws(AWSError) -> AWSCredentials?

    /// Other credentials than those that a service called expired; `nil` when there are none.
    func renewed(after used: AWSCredentials) async throws(AWSError) -> AWSCredentials?

    /// Whether new credentials may come from the same place later.
    var canRenew: Bool { get async }
}

/// Credentials that never change, or none for calls without a signature.
struct FixedSupply: CredentialSupply {
    var fixed: AWSCredentials?

    func credentials() async throws(AWSError) -> AWSCredentials? { fixed }
    func renewed(after used: AWSCredentials) async throws(AWSError) -> AWSCredentials? { nil }
    var canRenew: Bool { false }
}
