import CurlTransport
import Foundation
import Testing
import Workflow

@testable import AWSClient

/// Where the published test suite is: beside the package or where the environment says.
enum Vectors {
    static let folder: URL? = {
        if let given = ProcessInfo.processInfo.environment["AWS_SIGV4_VECTORS"] { return URL(fileURLWithPath: given) }
        let beside = Oracle.folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("shared/vectors/sigv4")
        return FileManager.default.fileExists(atPath: beside.path) ? beside : nil
    }()
}

@Suite("Signatures")
struct SignerTests {
    private func cases(_ folder: URL) throws -> [URL] {
        let enumerator = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        return enumerator.compactMap { $0 as? URL }.filter { $0.pathExtension == "req" }
    }

    private func text(_ request: URL, _ kind: String) throws -> String {
        try String(contentsOf: request.deletingPathExtension().appendingPathExtension(kind), encoding: .utf8)
            .replacingOccurrences(of: "\r\n", with: "\n")
    }

    /// Reads a raw request; a line that begins with a space continues the one before.
    private func request(_ raw: String) throws -> SigningRequest {
        let parts = raw.components(separatedBy: "\n\n")
        var lines: [String] = []
        for line in parts[0].components(separatedBy: "\n") {
            if line.hasPrefix(" "), let last = lines.popLast() {
                lines.append(last + "\n" + line)
            } else {
                lines.append(line)
            }
        }
        let start = lines.removeFirst()
        let first = try #require(start.firstIndex(of: " "))
        let last = try #require(start.lastIndex(of: " "))
        let target = start[start.index(after: first)..<last].split(separator: "?", maxSplits: 1)
        let headers = lines.filter { !$0.isEmpty }.map { line -> HTTPHeader in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return HTTPHeader(name: String(line[..<colon]), value: String(line[colon...].dropFirst()))
        }
        return SigningRequest(
            method: String(start[..<first]), path: String(target[0]), query: target.count > 1 ? String(target[1]) : "",
            headers: headers, body: Array((parts.count > 1 ? parts[1] : "").utf8))
    }

    @Test("The published vectors", .enabled("../shared/vectors/sigv4 is absent", { Vectors.folder != nil }))
    func vectors() throws {
        let all = try cases(try #require(Vectors.folder))
        #expect(all.count == 34)
        for file in all {
            let name = file.deletingPathExtension().lastPathComponent
            var request = try request(try text(file, "req"))
            // Here the token is the signer's to add; elsewhere it is in the request, or added after signing.
            if name == "get-vanilla-with-session-token" {
                let signed = try self.request(try text(file, "sreq"))
                request.headers += signed.headers.filter { $0.name.lowercased() == "x-amz-security-token" }
            }
            let signer = SigV4Signer(
                accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                sessionToken: nil, region: "us-east-1", service: "service")
            let date = CivilTime(year: 2015, month: 8, day: 30, hour: 12, minute: 36, second: 0)
            let canonical = signer.canonicalRequest(request)
            #expect(canonical.text == (try text(file, "creq")), "\(name)")
            #expect(signer.stringToSign(canonical, at: date) == (try text(file, "sts")), "\(name)")
            #expect(signer.authorization(request, at: date) == (try text(file, "authz")), "\(name)")
        }
    }

    private struct Case: Decodable {
        var method, path, query, region, service, key, secret, body, date, authorization: String
        var headers: [[String]]
        var token: String?
    }

    @Test("10,000 random requests are signed as botocore signs them")
    func botocore() throws {
        let seed = Oracle.seed()
        let cases: [Case] = try Oracle.documents(["sign", "\(seed)", "10000"])
        try #require(cases.count == 10_000)
        print("SignerTests: seed \(seed)")
        let moment = CivilTime(year: 2027, month: 3, day: 9, hour: 8, minute: 5, second: 7).wallTime
        var differences = 0
        for item in cases {
            let signer = SigV4Signer(
                accessKeyID: item.key, secretAccessKey: item.secret, sessionToken: item.token, region: item.region,
                service: item.service)
            let request = SigningRequest(
                method: item.method, path: item.path, query: item.query,
                headers: item.headers.map { HTTPHeader(name: $0[0], value: $0[1]) },
                body: Array(try #require(Data(base64Encoded: item.body))))
            let signed = signer.sign(request, at: moment)
            #expect(signed.first { $0.name == "X-Amz-Date" }?.value == item.date)
            guard signed.last?.value != item.authorization else { continue }
            differences += 1
            if differences <= 3 {
                Issue.record("seed \(seed): \(item.method) \(item.path)?\(item.query) \(item.headers)")
            }
        }
        #expect(differences == 0, "seed \(seed)")
    }

    @Test("A path is left as it is where the service wants that")
    func notNormalised() {
        var signer = SigV4Signer(
            accessKeyID: "A", secretAccessKey: "b", sessionToken: nil, region: "r", service: "s3", normalisesPath: false
        )
        let request = SigningRequest(method: "GET", path: "//a/../b/./", query: "", headers: [], body: [])
        #expect(signer.canonicalRequest(request).text.hasPrefix("GET\n//a/../b/./\n"))
        signer.normalisesPath = true
        #expect(signer.canonicalRequest(request).text.hasPrefix("GET\n/b/\n"))
    }

    @Test(
        "Dates",
        arguments: [
            ("2015-08-30T12:36:00Z", "20150830T123600Z"), ("2000-02-29T23:59:59.123Z", "20000229T235959Z"),
            ("2027-01-01T01:30:00+02:00", "20261231T233000Z"), ("2100-03-01T00:00:00-0100", "21000301T010000Z"),
        ])
    func dates(_ text: String, _ basic: String) throws {
        let time = try #require(CivilTime.wallTime(iso8601: text))
        #expect(CivilTime(time).basic == basic)
    }

    @Test("What is no date", arguments: ["", "2015-08-30", "2015-13-30T12:36:00Z", "2015-08-30T12:36:00+2", "x"])
    func noDates(_ text: String) {
        #expect(CivilTime.wallTime(iso8601: text) == nil)
        #expect(CivilTime(httpDate: text) == nil)
    }

    @Test("The date of an answer")
    func httpDate() {
        #expect(CivilTime(httpDate: "Sun, 06 Nov 1994 08:49:37 GMT")?.basic == "19941106T084937Z")
    }
}
