import Foundation
import Testing
import Workflow

@testable import Providers

/// Which host keys are believed, against a real server.
@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .enabled(if: SSHFixture.isInstalled, "needs openssh-server and openssh-client"))
struct SSHTrustTests {
    private func console(_ key: String, _ name: String = "KEYS") -> String {
        "boot\r\n-----BEGIN SSH HOST KEY \(name)-----\r\n\(key)\r\n-----END SSH HOST KEY \(name)-----\r\nlogin: "
    }

    private func fingerprint(_ server: SSHFixture, _ name: String) async throws -> String {
        let key = try #require(SSHPublicKey(in: try server.publicKey(name)))
        return "256 \(key.fingerprint) root@web (ED25519)"
    }

    @Test func keysOfTheConsoleArePinnedForTheInstance() async throws {
        try await SSHFixture.with(SSHFixture.Special()) { server in
            let shown = console(try server.publicKey("host"))
            let runner = server.runner(console: shown) { $0.hostKeys = .console }
            #expect(try await runner.run(Command(["echo", "a"])).output == "a\n")
            let file = "\(server.folder)/k/test-i-1.known_hosts"
            let key = try server.publicKey("host").split(separator: " ").prefix(2).joined(separator: " ")
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "i-1 \(key)\n")
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            // What is pinned stays, whatever the console shows later.
            let later = server.runner(console: "") { $0.hostKeys = .console }
            #expect(try await later.run(Command(["echo", "b"])).output == "b\n")
            // Another instance has keys of its own.
            let other = server.runner(instance: "i-2", console: "") { $0.hostKeys = .console }
            #expect(await failure(other)?.detail.contains("shows no host keys yet") == true)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: "\(server.folder)/k") == ["test-i-1.known_hosts"])
        }
    }

    @Test func aPinnedKeyIsNeverReplaced() async throws {
        try await SSHFixture.with(SSHFixture.Special()) { server in
            let wrong = server.runner(console: console(try server.publicKey("other-host"))) { $0.hostKeys = .console }
            let changed = try #require(await failure(wrong))
            let file = "\(server.folder)/k/test-i-1.known_hosts"
            #expect(changed.code == .unreachable)
            #expect(changed.detail.contains("another one than the known one"))
            #expect(changed.detail.contains("delete \(file)"))
            // The console shows the right key now, but what is pinned stays.
            let right = server.runner(console: console(try server.publicKey("host"))) { $0.hostKeys = .console }
            #expect(await failure(right)?.detail.contains("delete \(file)") == true)
            // Who has found out what happened does as the message says.
            try FileManager.default.removeItem(atPath: file)
            #expect(try await right.run(Command(["true"])).exitCode == 0)
            #expect(server.logins == 1)
        }
    }

    @Test func aKeyWhoseFingerprintIsOnTheConsoleIsPinned() async throws {
        try await SSHFixture.with(SSHFixture.Special()) { server in
            let wrong = console(try await fingerprint(server, "other-host"), "FINGERPRINTS")
            let refused = await failure(server.runner(console: wrong) { $0.hostKeys = .console })
            #expect(refused?.detail.contains("not among those on the console") == true)
            #expect(server.logins == 0)
            let shown = console(try await fingerprint(server, "host"), "FINGERPRINTS")
            let runner = server.runner(console: shown) { $0.hostKeys = .console }
            #expect(try await runner.run(Command(["echo", "a"])).output == "a\n")
            #expect(server.logins == 1)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: "\(server.folder)/k") == ["test-i-1.known_hosts"])
        }
    }

    @Test func aConsoleThatContradictsItselfIsNotBelieved() async throws {
        try await SSHFixture.with(SSHFixture.Special()) { server in
            let shown = console(try server.publicKey("host")) + console(try server.publicKey("other-host"))
            let error = await failure(server.runner(console: shown) { $0.hostKeys = .console })
            #expect(error?.detail.contains("two different sets") == true)
        }
    }

    @Test func keysThatTheAuthorityHasSignedAreBelieved() async throws {
        try await SSHFixture.with(SSHFixture.Special(certifiedNames: "127.0.0.1")) { server in
            for authority in ["\(server.folder)/authority.pub", try server.publicKey("authority")] {
                let runner = server.runner { $0.hostKeys = .certificateAuthority(authority) }
                #expect(try await runner.run(Command(["echo", "a"])).output == "a\n")
            }
            #expect(server.logins == 1)
            let stranger = server.runner { $0.hostKeys = .certificateAuthority("\(server.folder)/stranger.pub") }
            let refused = await failure(stranger)
            #expect(refused?.detail.contains("no certificate of the authority") == true)
            for wrong in ["\(server.folder)/authority", "\(server.folder)/none", "nonsense"] {
                let error = await failure(server.runner { $0.hostKeys = .certificateAuthority(wrong) })
                #expect(error?.detail.contains("certificateAuthority is not usable") == true)
            }
        }
    }

    @Test func aCertificateForAnotherNameIsRefused() async throws {
        try await SSHFixture.with(SSHFixture.Special(certifiedNames: "elsewhere.example")) { server in
            let runner = server.runner { $0.hostKeys = .certificateAuthority("\(server.folder)/authority.pub") }
            let error = await failure(runner)
            #expect(
                error?.detail.contains("the certificate of its host key does not hold") == true,
                "\(String(describing: error))")
        }
    }

    @Test func filesThatAreMissingAreNamed() async throws {
        try await SSHFixture.with(SSHFixture.Special()) { server in
            let key = await failure(server.runner(key: "gone"))
            #expect(key?.detail.contains("identityFile \(server.folder)/gone") == true)
            let hosts = await failure(server.runner(known: "gone"))
            #expect(hosts?.detail.contains("known hosts in \(server.folder)/gone") == true)
            #expect(server.log.contains("Connection from") == false)
        }
    }
}
