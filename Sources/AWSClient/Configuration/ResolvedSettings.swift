/// What the settings, the environment and the files say together.
struct ResolvedSettings: Sendable {
    let settings: AWSSettings
    let environment: [String: String]
    let files: ProfileFiles
    /// The profile that is used.
    let profileName: String
    /// Its settings; empty when nobody named a profile and there is none called `default`.
    let profile: [String: String]

    init(settings: AWSSettings, environment: [String: String]) throws(AWSError) {
        self.settings = settings
        self.environment = environment
        files = try ProfileFiles(environment: environment)
        let named = settings.profile ?? environment["AWS_DEFAULT_PROFILE"] ?? environment["AWS_PROFILE"]
        profileName = named ?? "default"
        guard let profile = files.merged[profileName] ?? (named == nil ? [:] : nil) else {
            throw .configuration(
                "the profile \(profileName) is neither in \(files.configurationPath) nor in \(files.credentialsPath)")
        }
        self.profile = profile
    }

    private func variable(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The region that is configured.
    func region() throws(AWSError) -> String {
        let found = settings.region ?? variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? profile["region"]
        guard let region = found, !region.isEmpty else {
            throw AWSError(
                .noRegion, action: "",
                detail: "no region is configured: set AWS_REGION, or region in the profile \(profileName)",
                isRetryable: false)
        }
        guard Self.isRegion(region) else {
            throw AWSError(
                .noRegion, action: "", detail: "the configured region is no name of a region, such as eu-central-1",
                isRetryable: false)
        }
        return region
    }

    /// Whether text can be a label of a host name, so that nothing else gets into a URL.
    private static func isRegion(_ text: String) -> Bool {
        let isPlain = text.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-")
        }
        return isPlain && text.utf8.count <= 63 && !text.hasPrefix("-") && !text.hasSuffix("-")
    }

    /// Where calls of a service go.
    func endpoint(of service: AWSService) throws(AWSError) -> Endpoint {
        if let explicit = try explicitEndpoint(of: service) { return try Endpoint(explicit) }
        let region = try region()
        let suffix = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        return try Endpoint("https://\(service.hostPrefix).\(region).\(suffix)")
    }

    /// The endpoint that somebody gave; in botocore's order.
    private func explicitEndpoint(of service: AWSService) throws(AWSError) -> String? {
        if let endpoint = settings.endpoint { return endpoint }
        let ignores = variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") ?? profile["ignore_configured_endpoint_urls"]
        guard ignores?.lowercased() != "true" else { return nil }
        if let own = variable("AWS_ENDPOINT_URL_\(service.endpointKey.uppercased())") { return own }
        if let general = variable("AWS_ENDPOINT_URL") { return general }
        if let name = profile["services"] {
            guard let services = files.services[name] else {
                throw .configuration("the profile \(profileName) names the services section \(name), which is missing")
            }
            if let own = services[service.endpointKey.lowercased()], !own.isEmpty { return own }
        }
        return profile["endpoint_url"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The file with the authorities to trust instead of the system's.
    var authorities: String? {
        (variable("AWS_CA_BUNDLE") ?? profile["ca_bundle"]).map { ProfileFiles.expanded($0, environment) }
    }

    /// How often a call is tried, as in the SDKs' standard mode.
    func maxAttempts() throws(AWSError) -> Int {
        guard let text = variable("AWS_MAX_ATTEMPTS") ?? profile["max_attempts"] else { return 3 }
        guard let count = Int(text), (1...100).contains(count) else {
            throw .configuration("max_attempts is not a number from 1 to 100")
        }
        return count
    }
}
