internal import Foundation

/// Whose signature a façade accepts.
///
/// It looks at the form of a signature and not at the signature itself, which botocore is the oracle for.
struct FacadeAccess {
    private static let algorithm = "AWS4-HMAC-SHA256"
    private static let toleranceMilliseconds: Int64 = 300_000

    private var good: [String: EC2Facade.Credentials] = [:]
    private var expired: Set<String> = []

    mutating func issue(withSession: Bool) -> EC2Facade.Credentials {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        let key = "ASIA" + String((0..<16).map { _ in letters[Int.random(in: letters.indices)] })
        let made = EC2Facade.Credentials(
            accessKey: key, secret: "canary-secret-\(UUID().uuidString)",
            sessionToken: withSession ? "canary-token-\(UUID().uuidString)" : nil)
        good[made.accessKey] = made
        return made
    }

    mutating func expireAll() {
        expired.formUnion(good.keys)
    }

    /// Accepts a request or says why not, in the words of its service; gives the access key's id.
    func check(_ message: HTTPMessage, _ request: CloudRequest, region: String) throws(CloudRefusal) -> String {
        guard let authorization = message["Authorization"] else {
            throw CloudRefusal("MissingAuthenticationToken", "Request is missing Authentication Token", status: 403)
        }
        let parts = authorization.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2, parts[0] == Self.algorithm else { throw Self.incomplete("the algorithm") }
        var fields: [String: String] = [:]
        for part in parts[1].split(separator: ",") {
            let halves = part.split(separator: "=", maxSplits: 1)
            if halves.count == 2 { fields[halves[0].trimmingCharacters(in: .whitespaces)] = String(halves[1]) }
        }
        let scope = (fields["Credential"] ?? "").split(separator: "/").map(String.init)
        guard scope.count == 5, scope[4] == "aws4_request" else { throw Self.incomplete("the credential's scope") }
        guard scope[3] == request.service.rawValue else { throw Self.mismatch("the scope's service is \(scope[3])") }
        guard scope[2] == region else { throw Self.mismatch("Credential should be scoped to a valid region.") }
        let signature = fields["Signature"] ?? ""
        guard signature.count == 64, signature.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else {
            throw Self.incomplete("the signature")
        }
        let signed = Set((fields["SignedHeaders"] ?? "").split(separator: ";").map(String.init))
        guard signed.isSuperset(of: ["host", "x-amz-date"]) else {
            throw Self.incomplete("host and date are not signed")
        }
        try checkDate(message["X-Amz-Date"] ?? "", scopeDay: scope[1])
        let key = scope[0]
        guard let known = good[key] else {
            throw CloudRefusal(
                request.service == .ec2 ? "AuthFailure" : "InvalidClientTokenId",
                "AWS was not able to validate the provided access credentials", status: 401)
        }
        guard message["X-Amz-Security-Token"] == known.sessionToken,
            known.sessionToken == nil || signed.contains("x-amz-security-token")
        else {
            throw CloudRefusal(
                "InvalidClientTokenId", "The security token included in the request is invalid.", status: 403)
        }
        if expired.contains(key) { throw Self.expired(request.service) }
        return key
    }

    /// How a service says that credentials have expired.
    static func expired(_ service: CloudRequest.Service) -> CloudRefusal {
        switch service {
        case .ec2: CloudRefusal("RequestExpired", "Request has expired.")
        case .elasticloadbalancing, .sts:
            CloudRefusal("ExpiredToken", "The security token included in the request is expired", status: 403)
        case .ssm: CloudRefusal("ExpiredTokenException", "The security token included in the request is expired")
        }
    }

    private func checkDate(_ date: String, scopeDay: String) throws(CloudRefusal) {
        guard date.hasPrefix(scopeDay), let moment = Self.milliseconds(of: date) else {
            throw Self.incomplete("the date")
        }
        if abs(moment - wallMilliseconds()) > Self.toleranceMilliseconds {
            throw CloudRefusal("RequestExpired", "Request has expired.")
        }
    }

    private static func milliseconds(of date: String) -> Int64? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "yyyyMMdd'T'HHmmss'Z'"
        return formatter.date(from: date).map { Int64($0.timeIntervalSince1970 * 1000) }
    }

    private static func incomplete(_ what: String) -> CloudRefusal {
        CloudRefusal("IncompleteSignature", "The request signature does not conform to AWS standards: \(what)")
    }

    private static func mismatch(_ what: String) -> CloudRefusal {
        CloudRefusal("SignatureDoesNotMatch", what, status: 403)
    }
}

extension FacadeState {
    /// What a container's credentials endpoint answers: new credentials that are good for an hour.
    mutating func renewedCredentials() -> HTTPAnswer {
        let made = access.issue(withSession: true)
        let end = ISO8601DateFormatter().string(
            from: Date(timeIntervalSince1970: TimeInterval(wallMilliseconds() / 1000 + 3600)))
        let document = [
            "AccessKeyId": made.accessKey, "SecretAccessKey": made.secret, "Token": made.sessionToken ?? "",
            "Expiration": end,
        ]
        return HTTPAnswer(
            status: 200, fields: [HTTPMessage.Field("Content-Type", "application/json")],
            body: Array((try? JSONEncoder().encode(document)) ?? Data()))
    }
}
