import Foundation
import Testing

@Suite("What files say of LXD")
struct LXDFileTests {
    struct Mistake: Sendable, CustomStringConvertible {
        var text: String
        var fragments: [String]
        var description: String { text }
    }

    static let configurations = [
        Mistake(text: "lxd: {sockets: /s}", fragments: ["sockets", "did you mean \"socket\""]),
        Mistake(text: "lxd: {socket: [s]}", fragments: ["socket", "a path"]),
        Mistake(text: "lxd: {clientKey: k}", fragments: ["clientKey belongs to a server that is reached by its url"]),
        Mistake(text: "lxd: {serverName: n}", fragments: ["serverName belongs", "add url"]),
        Mistake(text: "lxd: {url: \"http://h:8443\"}", fragments: ["does not begin with https://"]),
        Mistake(text: "lxd: {url: \"https://h\"}", fragments: ["add clientCertificate and clientKey"]),
        Mistake(
            text: "lxd: {url: \"https://h\", socket: /s, clientCertificate: c, clientKey: k}",
            fragments: ["not both"]),
        Mistake(text: "lxd: {address: ipv5}", fragments: ["ipv5", "ipv4"]),
        Mistake(text: "{lxd: {}, local: {root: r}}", fragments: ["\"local\" next to \"lxd\"", "only one"]),
    ]

    @Test("A wrong provider is named with its place", arguments: configurations)
    func configuration(_ mistake: Mistake) async throws {
        let folder = try Folder()
        try folder.write(
            """
            apiVersion: changeover/v1
            kind: Configuration
            providers:
              home: {\(mistake.text.hasPrefix("{") ? String(mistake.text.dropFirst().dropLast()) : mistake.text)}

            """, to: "changeover.yaml")
        let ran = try await Ran.changeover(["instances", "--config", "changeover.yaml"], in: folder)
        #expect(ran.exitCode == 64)
        #expect(ran.errors.contains("changeover.yaml:4:"), "\(ran.errors)")
        for fragment in mistake.fragments { #expect(ran.errors.contains(fragment), "\(ran.errors)") }
    }

    static let routes = [
        Mistake(text: "[{lxdProxy: {device: web}}]", fragments: ["device", "listen"]),
        Mistake(text: "[{lxdAddress: {}}]", fragments: ["address"]),
        Mistake(text: "[{lxdVolume: {pool: p}}]", fragments: ["volume"]),
        Mistake(text: "[{lxdProxi: {listen: \"tcp:1.2.3.4:80\"}}]", fragments: ["did you mean \"lxdProxy\""]),
        Mistake(
            text: "[{lxdAddress: {address: 10.0.0.7}}, {haproxy: {socket: s, backend: b, port: 80}}]",
            fragments: ["lxdAddress:10.0.0.7 gives the replacement another address", "haproxy:b", "leave it out"]),
    ]

    @Test("A wrong route is named with its place", arguments: routes)
    func route(_ mistake: Mistake) async throws {
        let ran = try await lint(mistake.text)
        #expect(ran.exitCode == 64)
        #expect(ran.errors.contains("playbook.yaml:5:"), "\(ran.errors)")
        for fragment in mistake.fragments { #expect(ran.errors.contains(fragment), "\(ran.errors)") }
    }

    @Test(
        "Right routes are right",
        arguments: [
            "[{lxdVolume: {pool: p, volume: v}}, {lxdProxy: {listen: \"tcp:0.0.0.0:80\"}}, {lxdAddress: {address: 10.0.0.7}}]",
            "[{lxdProxy: {listen: \"tcp:0.0.0.0:80\"}}, {haproxy: {socket: s, backend: b, port: 80}}]",
        ])
    func rightRoutes(_ text: String) async throws {
        let ran = try await lint(text)
        #expect(ran.exitCode == 0, "\(ran.errors)")
    }

    private func lint(_ routes: String) async throws -> Ran {
        let folder = try Folder()
        try folder.write(
            "apiVersion: changeover/v1\nkind: Configuration\nproviders: {home: {lxd: {}}}\n", to: "changeover.yaml")
        try folder.write(
            """
            apiVersion: changeover/v1
            kind: Playbook
            metadata: {name: web}
            checks: [web.yaml]
            traffic: \(routes)

            """, to: "playbook.yaml")
        try folder.write(
            """
            apiVersion: changeover/v1
            kind: HealthCheck
            metadata: {name: web}
            checks: [{id: up, tcp: {port: 80}}]

            """, to: "web.yaml")
        return try await Ran.changeover(["playbook", "lint", "playbook.yaml"], in: folder)
    }
}
