import Foundation
import Testing
import Workflow

@testable import Providers

/// What is decided and said without a server.
@Suite struct SSHWordsTests {
    private func call(_ settings: SSHSettings, file: String? = nil, alias: String? = nil) -> SSHClientCall {
        SSHClientCall(
            host: "10.0.0.7", settings: settings, identity: SSHClientCall.Identity(file: file, alias: alias))
    }

    // MARK: Command lines

    @Test func aCallAsksNothingAndBelievesNothingUnknown() {
        let arguments = call(SSHSettings(user: "admin")).running("true", sharing: .none, proxy: nil)
        for option in [
            "BatchMode=yes", "StrictHostKeyChecking=yes", "UpdateHostKeys=no", "PasswordAuthentication=no",
            "ForwardAgent=no", "ControlPath=none",
        ] {
            #expect(arguments.contains(option), "\(option)")
        }
        #expect(arguments.suffix(3) == ["--", "10.0.0.7", "true"])
        #expect(!arguments.contains { $0.hasPrefix("UserKnownHostsFile") || $0.hasPrefix("IdentitiesOnly") })
    }

    @Test func aCallUsesOnlyThePinnedFileAndTheNamedKey() {
        let settings = SSHSettings(user: "admin", identityFile: "/k e\"y%", hostKeys: .console, port: 2222)
        let arguments = call(settings, file: "/pins/i-1", alias: "i-1").running(
            "true", sharing: .through("/c/x"), proxy: nil)
        for option in [
            "UserKnownHostsFile=\"/pins/i-1\"", "GlobalKnownHostsFile=/dev/null", "HostKeyAlias=i-1",
            "IdentityFile=\"/k e\\\"y%%\"", "IdentitiesOnly=yes", "ControlMaster=no", "ControlPath=\"/c/x\"", "2222",
        ] {
            #expect(arguments.contains(option), "\(option)")
        }
    }

    @Test func connectionsAreSharedByTheSameInstanceAndSettingsOnly() {
        let settings = SSHSettings(user: "admin")
        let name = call(settings).connectionName(instance: "i-1")
        #expect(name == call(settings).connectionName(instance: "i-1"))
        #expect(name.utf8.count <= 13)
        // An address moves from one instance to another; a connection must not.
        #expect(name != call(settings).connectionName(instance: "i-2"))
        #expect(name != call(SSHSettings(user: "root")).connectionName(instance: "i-1"))
        #expect(name != call(settings, file: "/pins").connectionName(instance: "i-1"))
    }

    // MARK: Jump hosts

    @Test(arguments: [
        ("bastion", [SSHJump.Hop(host: "bastion")]),
        ("me@bastion:2222", [SSHJump.Hop(user: "me", host: "bastion", port: 2222)]),
        ("ssh://me@bastion", [SSHJump.Hop(user: "me", host: "bastion")]),
        ("[fd00::1]:22,b", [SSHJump.Hop(host: "fd00::1", port: 22), SSHJump.Hop(host: "b")]),
        ("fd00::1", [SSHJump.Hop(host: "fd00::1")]),
    ])
    func jumpHosts(_ text: String, _ hops: [SSHJump.Hop]) {
        #expect(SSHJump(text)?.hops == hops)
    }

    @Test(arguments: ["", "a,", "-oProxyCommand=x", "a b", "a:0", "a:99999", "a:x", "$(id)", "-l@b", "[a", "a;b", "'"])
    func wrongJumpHosts(_ text: String) {
        #expect(SSHJump(text) == nil)
    }

    // MARK: Reports

    @Test func theCommandsOutputBeginsAfterWhatStartupFilesPrint() {
        let report = RemoteReport(marker: "m")
        let lines: [(Bool, String)] = [
            (false, "motd"), (true, "bash: warning"), (false, "m output"), (true, "unfinishedm connected"),
            (false, "halfm begun"), (true, "m started 42"), (false, "out"), (true, "err"), (true, "lastm ended"),
        ]
        let own = lines.compactMap { report.own($0.1, isError: $0.0) }
        #expect(own == ["out", "err", "last"])
        let state = report.current
        #expect(state.isConnected && state.group == 42 && state.hasEnded && !state.isMissing)
        #expect(report.output(of: "motd\nm output\nhalfm begun\nout\n") == "out\n")
        #expect(report.output(of: "motd\n") == "")
        #expect(report.errorOutput(of: "x\nm connected\nm started 42\nerr\r\nlastm ended\n") == "err\r\nlast")
    }

    @Test func aMarkerInAListOfProcessesIsNoReport() {
        let report = RemoteReport(marker: "m")
        _ = report.own("m connected", isError: true)
        #expect(report.own("12 sh -c m changeover", isError: true) == "12 sh -c m changeover")
        #expect(report.errorOutput(of: "m connected\n12 sh m changeover\nb") == "12 sh m changeover\nb")
        #expect(report.current.group == nil)
    }

    // MARK: Reasons

    @Test(arguments: [
        ("ssh: connect to host h port 22: Connection refused", "nothing listens on port 22"),
        ("ssh: connect to host h port 22: Connection timed out", "security groups"),
        ("ssh: Could not resolve hostname h: Name or service not known", "name is not known"),
        ("ssh: connect to host h port 22: No route to host", "there is no route"),
        ("Received disconnect from h port 22:2: Too many authentication failures", "identityFile"),
        ("admin@h: Permission denied (publickey).", "refuses the user admin"),
        ("kex_exchange_identification: Connection closed by remote host", "MaxStartups"),
        ("Unable to negotiate with h: no matching host key type found.", "no algorithm in common"),
        ("Load key \"k\": incorrect passphrase supplied to decrypt private key", "ssh-add"),
        ("Certificate invalid: name is not a listed principal", "sign the key again"),
    ])
    func reasons(_ said: String, _ words: String) {
        let failure = SSHFailure(place: .instance(call(SSHSettings(user: "admin"))))
        #expect(failure.words(for: said + "\r\n").contains(words))
        #expect(failure.words(for: said).contains(said))
    }

    @Test func whatIsNotKnownIsSaidAsItIs() {
        let failure = SSHFailure(place: .instance(call(SSHSettings(user: "admin"))))
        #expect(failure.words(for: "a\nsomething new\n") == "something new")
        #expect(failure.words(for: "") == "the connection broke")
    }

    // MARK: Keys on the console

    private static let ed = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHTKsz3aQvmLbGyJ1ZQ3sOeQ8qzqUcoCrVrYoi6zCzUr"
    private static let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHTKsz3aQvmLbGyJ1ZQ3sOeQ8qzqUcoCrVrYoi6zCzUz"

    private static func block(_ keys: String...) -> String {
        "-----BEGIN SSH HOST KEY KEYS-----\r\n" + keys.map { "\($0) root@web\r\n" }.joined()
            + "-----END SSH HOST KEY KEYS-----\r\n"
    }

    @Test func keysOfTheConsoleAreRead() throws {
        let console = "[  3.1] cloud-init[512]: \(Self.block(Self.ed))login:"
        let shown = try #require(ConsoleHostKeys(console: console))
        #expect(shown.keys.map { "\($0.type) \($0.base64)" } == [Self.ed])
        #expect(!shown.isContradictory)
        // The same again, after a reboot.
        #expect(ConsoleHostKeys(console: console + console)?.isContradictory == false)
    }

    @Test func fingerprintsOfTheConsoleAreRead() throws {
        let key = try #require(SSHPublicKey(in: Self.ed))
        let lines = """
            <14>Nov 24 10:00:00 cloud-init: #############################################################
            <14>Nov 24 10:00:00 cloud-init: -----BEGIN SSH HOST KEY FINGERPRINTS-----
            <14>Nov 24 10:00:00 cloud-init: 256 \(key.fingerprint) root@web (ED25519)
            <14>Nov 24 10:00:00 cloud-init: -----END SSH HOST KEY FINGERPRINTS-----
            """
        #expect(ConsoleHostKeys(console: lines)?.fingerprints == [key.fingerprint])
        #expect(ConsoleHostKeys(console: lines)?.keys == [])
        #expect(ConsoleHostKeys(console: lines + "\n" + Self.block(Self.ed))?.isContradictory == false)
        #expect(ConsoleHostKeys(console: lines + "\n" + Self.block(Self.other))?.isContradictory == true)
    }

    @Test func twoSetsOfKeysAreAContradiction() {
        let console = Self.block(Self.ed) + Self.block(Self.other)
        #expect(ConsoleHostKeys(console: console)?.isContradictory == true)
    }

    @Test(arguments: [
        "", "-----BEGIN SSH HOST KEY KEYS-----\n" + ed, "-----END SSH HOST KEY KEYS-----\n", ed,
        block("ssh-ed25519 AAAA"), block("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIHTKsz3aQvmLbGyJ1ZQ3"), block(),
    ])
    func consolesWithoutKeys(_ console: String) {
        #expect(ConsoleHostKeys(console: console) == nil)
    }

    @Test func fingerprintsAreThoseOfOpenSSH() async throws {
        let folder = "/tmp/ssh-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for type in ["ed25519", "ecdsa", "rsa"] {
            let file = "\(folder)/\(type)"
            _ = try await SSHFixture.run(["ssh-keygen", "-q", "-t", type, "-N", "", "-f", file])
            let shown = try await SSHFixture.run(["ssh-keygen", "-l", "-f", "\(file).pub"])
            let key = try #require(SSHPublicKey(in: try String(contentsOfFile: "\(file).pub", encoding: .utf8)))
            #expect(shown.contains(" \(key.fingerprint) "))
        }
    }

    // MARK: Turns

    @Test func slotsLetInByTurns() async throws {
        let slots = SSHSlots(1)
        try await slots.enter(within: 0)
        let late = await #expect(throws: SSHSlots.Refusal.self) { try await slots.enter(within: 20) }
        #expect(late == .late)
        let waiting = Task { try await slots.enter(within: 60_000) }
        waiting.cancel()
        let cancelled = await #expect(throws: SSHSlots.Refusal.self) { try await waiting.value }
        #expect(cancelled == .cancelled)
        let next = Task { try await slots.enter(within: 60_000) }
        slots.leave()
        try await next.value
        slots.leave()
        try await slots.enter(within: 0)
    }
}
