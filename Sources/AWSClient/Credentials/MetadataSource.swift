internal import CurlTransport
internal import Workflow

/// Credentials from a container's endpoint and from the instance's metadata service.
struct MetadataSource: Sendable {
    private static let containerHost = "169.254.170.2"
    private static let allowedHosts: Set<String> = [containerHost, "169.254.170.23", "[fd00:ec2::23]", "localhost"]
    private static let tokenSeconds = "21600"
    private static let rolesPath = "/latest/meta-data/iam/security-credentials/"

    let resolved: ResolvedSettings
    let sender: RequestSender

    private var environment: [String: String] { resolved.environment }

    /// The container's credentials; `nil` where the environment names no endpoint.
    func container() async throws(AWSError) -> LoadedCredentials? {
        let relative = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]
        let full = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
        guard let given = relative ?? full else { return nil }
        if relative != nil, !given.hasPrefix("/") {
            throw .configuration("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with /")
        }
        let url = relative != nil ? "http://\(Self.containerHost)\(given)" : given
        guard Self.isAllowed(url) else {
            throw .configuration(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor on this machine or a container's endpoint")
        }
        var request = HTTPRequest(url: url, headers: [HTTPHeader(name: "Accept", value: "application/json")])
        if let token = try containerToken() {
            sender.secrets.add([token])
            request.headers.append(HTTPHeader(name: "Authorization", value: token))
        }
        request.options = options(.seconds(2))
        var problem = ""
        for attempt in 0..<3 {
            if attempt > 0 { try await pause() }
            do throws(TransportError) {
                let response = try await sender.transport.send(request)
                if response.status == 200, let found = CredentialDocument(response.body)?.loaded() { return found }
                problem = response.status == 200 ? "it sent no credentials" : "it answered \(response.status)"
            } catch {
                if error.code == .cancelled || error.code == .shutdown { throw .cancelled("") }
                problem = error.description
            }
        }
        throw AWSError(
            .noCredentials, action: "", detail: "the container's credentials cannot be read: \(problem)",
            isRetryable: true)
    }

    private func pause() async throws(AWSError) {
        do {
            try await sender.clock.sleep(for: .seconds(1))
        } catch {
            throw .cancelled("")
        }
    }

    private func containerToken() throws(AWSError) -> String? {
        var token = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        if let path = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] {
            guard case .bytes(let bytes) = SmallFile.read(path) else {
                throw .configuration("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names a file that cannot be read")
            }
            token = String(decoding: bytes, as: UTF8.self)
        }
        if let token, token.utf8.contains(where: { $0 < 32 }) {
            throw .configuration("the container's authorization token has a line end or another control character")
        }
        return token
    }

    /// Whether secrets may be asked for at a URL: over TLS, on this machine, or at the known addresses.
    static func isAllowed(_ url: String) -> Bool {
        if url.hasPrefix("https://") { return true }
        guard url.hasPrefix("http://") else { return false }
        let authority = url.dropFirst(7).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@"), !authority.contains("\\") else { return false }
        let host: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return false }
            host = authority[...end]
        } else {
            host = authority.prefix { $0 != ":" }
        }
        if allowedHosts.contains(String(host)) || host == "[::1]" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return octets.count == 4 && octets.allSatisfy { $0 != nil } && octets[0] == 127
    }

    /// The instance's credentials, by version 2 of its metadata service only; `nil` where there is no such service.
    func instance() async throws(AWSError) -> LoadedCredentials? {
        guard environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() != "true" else { return nil }
        let base = try metadataEndpoint()
        let ttl = HTTPHeader(name: "x-aws-ec2-metadata-token-ttl-seconds", value: Self.tokenSeconds)
        guard let token = try await text("PUT", base + "/latest/api/token", ttl), !token.isEmpty else { return nil }
        sender.secrets.add([token])
        let header = HTTPHeader(name: "x-aws-ec2-metadata-token", value: token)
        guard let roles = try await text("GET", base + Self.rolesPath, header),
            let role = roles.split(whereSeparator: \.isNewline).first
        else { return nil }
        let path = base + Self.rolesPath + PercentEncoding.encode(String(role))
        guard let document = try await text("GET", path, header) else { return nil }
        return CredentialDocument(Array(document.utf8))?.loaded()
    }

    private func metadataEndpoint() throws(AWSError) -> String {
        let given =
            environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? resolved.profile["ec2_metadata_service_endpoint"]
        if let given, !given.isEmpty {
            let endpoint = try Endpoint(given)
            return endpoint.origin + (endpoint.path.hasSuffix("/") ? String(endpoint.path.dropLast()) : endpoint.path)
        }
        let mode =
            environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]
            ?? resolved.profile["ec2_metadata_service_endpoint_mode"]
        return mode?.lowercased() == "ipv6" ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
    }

    /// One second; `AWS_METADATA_SERVICE_TIMEOUT` gives more, in seconds.
    private var timeout: Duration {
        let seconds = environment["AWS_METADATA_SERVICE_TIMEOUT"].flatMap(Int.init) ?? 1
        return .seconds((1...60).contains(seconds) ? seconds : 1)
    }

    /// The body of a successful answer; `nil` for any other and where nobody answers in time.
    private func text(_ method: String, _ url: String, _ header: HTTPHeader) async throws(AWSError) -> String? {
        do throws(TransportError) {
            let request = HTTPRequest(method: method, url: url, headers: [header], options: options(timeout))
            let response = try await sender.transport.send(request)
            return response.status == 200 ? String(decoding: response.body, as: UTF8.self) : nil
        } catch {
            if error.code == .cancelled || error.code == .shutdown { throw .cancelled("") }
            return nil
        }
    }

    private func options(_ timeout: Duration) -> HTTPOptions {
        var options = HTTPOptions(connectTimeout: timeout, totalTimeout: timeout, maxResponseBytes: 64 * 1024)
        options.tls.caFile = resolved.authorities
        return options
    }
}
