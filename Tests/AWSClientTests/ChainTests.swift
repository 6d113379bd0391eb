import CurlTransport
import Foundation
import Testing
import Workflow

@testable import AWSClient

@Suite("Credentials", .timeLimit(.minutes(5)))
struct ChainTests {
    private struct Situation: Decodable {
        var name: String
        var profile: String?
        var environment: [String: String]
        /// Key, secret and token; `nil` for none.
        var keys: [String?]?
        var error: String?

        enum Key: String, CodingKey { case name, profile, environment, expected }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            name = try fields.decode(String.self, forKey: .name)
            profile = try fields.decodeIfPresent(String.self, forKey: .profile)
            environment = try fields.decode([String: String].self, forKey: .environment)
            error = try? fields.decode(String.self, forKey: .expected)
            keys = error == nil ? try fields.decodeIfPresent([String?].self, forKey: .expected) : nil
        }
    }

    private func chain(_ profile: String?, _ environment: [String: String]) async throws(AWSError) -> LoadedCredentials
    {
        let transport: CurlTransport
        do throws(TransportError) {
            transport = try CurlTransport()
        } catch {
            throw AWSError(.unreachable, action: "", detail: error.description, isRetryable: false)
        }
        let sender = RequestSender(transport: transport, clock: LeapingClock(), random: { 0 }, onRequest: { _ in })
        return try await CredentialChain(
            settings: AWSSettings(profile: profile), environment: environment, sender: sender
        ).load()
    }

    @Test("The same configurations lead botocore and us to the same credentials")
    func botocore() async throws {
        let folder = try TemporaryFolder()
        let server = try ScriptServer.shared
        let situations: [Situation] = try Oracle.documents(["chain", folder.path, "\(server.port)"])
        #expect(situations.count >= 50)
        for situation in situations {
            do throws(AWSError) {
                let found = try await chain(situation.profile, situation.environment).credentials
                #expect(
                    situation.keys == [found.accessKeyID, found.secretAccessKey, found.sessionToken],
                    "\(situation.name): \(situation.error ?? "")")
            } catch {
                #expect(situation.keys == nil, "\(situation.name): \(error)")
                if situation.error == nil { #expect(error.kind == .noCredentials, "\(situation.name): \(error)") }
            }
        }
    }

    @Test("No credentials: the error says where they were looked for")
    func nothing() async throws {
        let folder = try TemporaryFolder()
        let error = try await failure { () async throws(AWSError) in
            try await chain(nil, ["HOME": folder.path, "AWS_EC2_METADATA_DISABLED": "true"])
        }
        #expect(error.kind == .noCredentials)
        #expect(error.detail.contains("\(folder.path)/.aws/credentials"))
    }

    @Test(
        "Profiles that need a person say what to do instead",
        arguments: [
            (
                "mfa_serial = arn:aws:iam::1:mfa/me\nrole_arn = r\nsource_profile = p\naws_access_key_id = a\n"
                    + "aws_secret_access_key = b\n", "credential_process"
            ),
            ("sso_session = corp\nsso_account_id = 1\nsso_role_name = x\n", "export-credentials --profile p"),
        ])
    func needsPerson(_ settings: String, _ hint: String) async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("config", "[profile p]\n" + settings)
        let error = try await failure { () async throws(AWSError) in
            try await chain("p", ["HOME": folder.path, "AWS_CONFIG_FILE": path])
        }
        #expect(error.kind == .configuration)
        #expect(error.detail.contains(hint))
    }

    @Test(
        "Where a container's secrets may be asked for",
        arguments: [
            ("http://127.0.0.1:80/x", true), ("http://127.9.9.9", true), ("http://[::1]:1/x", true),
            ("http://localhost/x", true), ("http://169.254.170.2/x", true), ("http://[fd00:ec2::23]/x", true),
            ("https://example.com/x", true), ("http://example.com/x", false), ("http://127.0.0.1.example.com/", false),
            ("http://127.0.0.1@example.com/", false), ("http://example.com\\@127.0.0.1/", false),
            ("http://128.0.0.1/", false),
            ("http://localhost@example.com?x", false), ("ftp://127.0.0.1/", false), ("http://0127.0.0.1x/", false),
        ])
    func allowed(_ url: String, _ isAllowed: Bool) {
        #expect(MetadataSource.isAllowed(url) == isAllowed)
    }

    @Test("A process is bounded in time and output, gets no input and prints nothing to ours")
    func process() async throws {
        let run = { (script: String, timeout: Duration) in
            await CredentialProcess(
                arguments: ["sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"], timeout: timeout
            ).run()
        }
        #expect(await run("cat; printf '%s' \"$0\"; echo noise >&2", .seconds(30)) == .success(Array("sh".utf8)))
        #expect(await run("exit 7", .seconds(30)) == .failure(.ended(7)))
        #expect(await run("kill -9 $$", .seconds(30)) == .failure(.ended(137)))
        #expect(await run("yes", .seconds(30)) == .failure(.tooMuchOutput))
        // A grandchild holds the output open; the whole group ends.
        #expect(await run("sleep 600 & wait", .milliseconds(200)) == .failure(.tooLong))
        #expect(await run("exec >&-; sleep 600", .milliseconds(200)) == .failure(.tooLong))
        let missing = CredentialProcess(arguments: ["no-such-program-here"], environment: [:])
        #expect(await missing.run() == .failure(.notFound))
    }

    @Test(
        "Shell words",
        arguments: [
            ("a b", ["a", "b"]), (" a\t'b c'\"d \\\" e\" ", ["a", "b cd \" e"]), ("a\\ b '' \\$x", ["a b", "", "$x"]),
            ("\"a\\b\" $HOME", ["a\\b", "$HOME"]), ("", []),
        ])
    func words(_ text: String, _ words: [String]) {
        #expect(ShellWords.split(text) == words)
    }

    @Test("Quotations that do not end are no words", arguments: ["'a", "\"a", "a\\"])
    func noWords(_ text: String) {
        #expect(ShellWords.split(text) == nil)
    }
}
