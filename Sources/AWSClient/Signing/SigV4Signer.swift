internal import Crypto
internal import CurlTransport
internal import Workflow

/// Signs requests with AWS Signature Version 4: a pure function of request, credentials, scope and time.
///
/// Source: "Create a signed AWS API request" in the IAM User Guide, and its published test suite.
struct SigV4Signer: Sendable {
    static let algorithm = "AWS4-HMAC-SHA256"
    /// Fields that proxies and HTTP clients change on the way (as in botocore).
    private static let unsigned: Set<String> = [
        "authorization", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id",
    ]

    var accessKeyID: String
    var secretAccessKey: String
    var sessionToken: String?
    var region: String
    var service: String
    /// Whether `.`, `..` and empty segments of the path are resolved first: by every service but S3.
    var normalisesPath = true

    /// The canonical form of a request, and which of its fields it covers.
    struct Canonical: Equatable {
        var text: String
        var signedHeaders: String
    }

    /// The request's header fields, completed by the date, the session token and the signature.
    func sign(_ request: SigningRequest, at time: WallTime) -> [HTTPHeader] {
        let date = CivilTime(time)
        var request = request
        request.headers.removeAll { ["x-amz-date", "authorization"].contains($0.name.lowercased()) }
        request.headers.append(HTTPHeader(name: "X-Amz-Date", value: date.basic))
        if let sessionToken {
            request.headers.removeAll { $0.name.lowercased() == "x-amz-security-token" }
            request.headers.append(HTTPHeader(name: "X-Amz-Security-Token", value: sessionToken))
        }
        return request.headers + [HTTPHeader(name: "Authorization", value: authorization(request, at: date))]
    }

    /// The value of `Authorization` for a request whose date and token are among its fields already.
    func authorization(_ request: SigningRequest, at date: CivilTime) -> String {
        let canonical = canonicalRequest(request)
        let signature = Self.hex(Self.mac(stringToSign(canonical, at: date), key: signingKey(date)))
        return "\(Self.algorithm) Credential=\(accessKeyID)/\(scope(date)), "
            + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)"
    }

    /// What is signed of a canonical request.
    func stringToSign(_ canonical: Canonical, at date: CivilTime) -> String {
        let hash = Self.hex(SHA256.hash(data: Array(canonical.text.utf8)))
        return "\(Self.algorithm)\n\(date.basic)\n\(scope(date))\n\(hash)"
    }

    /// The canonical form of a request.
    func canonicalRequest(_ request: SigningRequest) -> Canonical {
        let headers = Self.canonicalHeaders(request.headers)
        let signed = headers.map(\.name).joined(separator: ";")
        let lines = headers.map { "\($0.name):\($0.value)\n" }.joined()
        let path = normalisesPath ? Self.normalised(request.path) : request.path.isEmpty ? "/" : request.path
        let text = [
            request.method, PercentEncoding.encodePath(path), Self.canonicalQuery(request.query), lines, signed,
            Self.hex(SHA256.hash(data: request.body)),
        ].joined(separator: "\n")
        return Canonical(text: text, signedHeaders: signed)
    }

    private func scope(_ date: CivilTime) -> String {
        "\(date.basicDate)/\(region)/\(service)/aws4_request"
    }

    private func signingKey(_ date: CivilTime) -> SymmetricKey {
        var key = SymmetricKey(data: Array("AWS4\(secretAccessKey)".utf8))
        for part in [date.basicDate, region, service, "aws4_request"] {
            key = SymmetricKey(data: Array(Self.mac(part, key: key)))
        }
        return key
    }

    private static func mac(_ text: String, key: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Resolves `.` and `..` and drops empty segments.
    static func normalised(_ path: String) -> String {
        var kept: [Substring.UTF8View] = []
        for segment in path.utf8.split(separator: UInt8(ascii: "/")) {
            switch String(Substring(segment)) {
            case ".": break
            case "..": _ = kept.popLast()
            default: kept.append(segment)
            }
        }
        guard !kept.isEmpty else { return "/" }
        let isFolder = path.utf8.last == UInt8(ascii: "/")
        let start = path.utf8.first == UInt8(ascii: "/") ? "/" : ""
        return start + kept.map { String(Substring($0)) }.joined(separator: "/") + (isFolder ? "/" : "")
    }

    /// The parameters, encoded anew and ordered by their encoded names and values.
    private static func canonicalQuery(_ query: String) -> String {
        let encode = { (part: Substring.UTF8View) -> String in
            var bytes: [UInt8] = []
            PercentEncoding.append(PercentEncoding.decode(part), to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }
        let pairs = query.utf8.split(separator: UInt8(ascii: "&")).map { pair -> (String, String) in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (encode(parts[0]), parts.count > 1 ? encode(parts[1]) : "")
        }
        return pairs.sorted { $0 < $1 }.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    /// The signed fields by name, the values of equal names joined in the order they are sent.
    private static func canonicalHeaders(_ headers: [HTTPHeader]) -> [(name: String, value: String)] {
        var values: [String: [String]] = [:]
        for header in headers {
            let name = header.name.lowercased()
            guard !unsigned.contains(name) else { continue }
            values[name, default: []].append(collapsed(header.value))
        }
        return values.sorted { $0.key < $1.key }.map { ($0.key, $0.value.joined(separator: ",")) }
    }

    /// The value without white space at its ends, and with one space where there is any within.
    private static func collapsed(_ value: String) -> String {
        let isSpace = { (byte: UInt8) in byte == 32 || (9...13).contains(byte) }
        return value.utf8.split(whereSeparator: isSpace).map { String(Substring($0)) }.joined(separator: " ")
    }
}
