import Foundation
import Testing

@Suite("What files say of SSH")
struct SSHFileTests {
    private func read(_ ssh: String) async throws -> Ran {
        let folder = try Folder()
        try folder.write(
            """
            apiVersion: changeover/v1
            kind: Configuration
            providers:
              home: {lxd: {socket: gone.socket, commands: {ssh: \(ssh)}}}

            """, to: "changeover.yaml")
        return try await Ran.changeover(["doctor", "--config", "changeover.yaml"], in: folder)
    }

    @Test(
        "Right settings are right",
        arguments: [
            "{user: admin}", "{user: admin, knownHostsFile: known}", "{user: admin, hostKeys: console, sudo: false}",
            "{user: admin, hostKeys: {knownHosts: known}}", "{user: admin, hostKeys: knownHosts, jumpHost: b}",
            "{user: admin, hostKeys: {certificateAuthority: ca.pub}}",
            "{user: admin, hostKeys: {certificateAuthority: ssh-ed25519 AAAA}}",
        ])
    func right(_ text: String) async throws {
        let ran = try await read(text)
        #expect(ran.output.contains("configuration: changeover.yaml"), "\(ran.output) \(ran.errors)")
        #expect(ran.output.contains("tool ssh"), "\(ran.output)")
    }

    @Test(
        "Wrong settings are named with their place",
        arguments: [
            ("{}", "needs the key \"user\""), ("{user: a, hostKeys: consol}", "did you mean \"console\""),
            ("{user: a, hostKeys: {}}", "exactly one of knownHosts, certificateAuthority"),
            ("{user: a, hostKeys: {knownHosts: k, certificateAuthority: c}}", "only one of them"),
            ("{user: a, hostKeys: console, knownHostsFile: k}", "another spelling of hostKeys"),
            ("{user: a, knownHost: k}", "valid here: user, identityFile, hostKeys"),
        ])
    func wrong(_ text: String, _ words: String) async throws {
        let ran = try await read(text)
        #expect(ran.output.contains("changeover.yaml:4:"), "\(ran.output) \(ran.errors)")
        #expect(ran.output.contains(words), "\(ran.output) \(ran.errors)")
    }
}
