import CurlTransport
import Foundation
import Glibc
import LXDClient
import Testing
import Workflow

/// The clear messages of whatever keeps a client from its server.
@Suite("LXD client: sockets, certificates, names", .timeLimit(.minutes(5)))
struct AddressTests {
    let server: ScriptedServer

    init() throws {
        server = try ScriptedServer.shared
    }

    private func error(_ client: LXDClient) async throws -> LXDError {
        try await failure { () async throws(LXDError) in
            try await client.send(.put, LXDResource("warnings", "x"), .null, version: nil)
        }
    }

    private func error(socket: String) async throws -> LXDError {
        let settings = LXDSettings(endpoint: .socket(socket))
        return try await error(LXDClient(settings: settings, transport: try .init(), clock: RealClock()))
    }

    private func url(_ host: String = "localhost") -> String { "https://\(host):\(server.ports.here)" }

    @Test func noSocket() async throws {
        let path = server.file("missing.socket")
        let error = try await error(socket: path)
        #expect(error.code == .noServer)
        #expect(error.isRetryable)
        #expect(!error.isUncertain)
        #expect(
            error.detail
                == "there is no socket \(path): is the daemon installed and running? The setting socket names another")
    }

    @Test func nobodyListens() async throws {
        let error = try await error(socket: server.file("abandoned.socket"))
        #expect(error.code == .noServer)
        #expect(error.detail.hasPrefix("nobody listens on \(server.file("abandoned.socket")): is the daemon running?"))
    }

    @Test(.enabled(if: getuid() == 0, "only root can become somebody else"))
    func notAllowed() async {
        // In a process of its own, which becomes somebody who may not open the socket.
        await #expect(processExitsWith: .success) {
            let folder = "/tmp/lxd-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let path = "\(folder)/lxd.socket"
            try Self.listen(path)
            func error() async throws -> LXDError {
                let settings = LXDSettings(endpoint: .socket(path))
                let client = LXDClient(settings: settings, transport: try .init(), clock: RealClock())
                return try await failure { () async throws(LXDError) in try await client.server() }
            }
            #expect(chmod(path, 0o660) == 0)
            #expect(chown(path, 0, 4) == 0)
            #expect(setegid(65_534) == 0)
            #expect(seteuid(65_534) == 0)
            let byGroup = try await error()
            #expect(seteuid(0) == 0)
            #expect(chown(path, 0, 0) == 0)
            #expect(seteuid(65_534) == 0)
            let byRoot = try await error()
            #expect(seteuid(0) == 0)
            #expect(byGroup.code == .forbidden)
            #expect(
                byGroup.detail
                    == "this user may not open \(path): be a member of the group adm, and log in again, or run as root")
            #expect(byRoot.code == .forbidden)
            #expect(byRoot.detail == "this user may not open \(path): run as root")
        }
    }

    /// Binds a socket that nobody will have to accept from.
    private static func listen(_ path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(status == 0)
        #expect(Glibc.listen(descriptor, 1) == 0)
    }

    @Test func overHTTPS() async throws {
        let name = uniqueName()
        try await server.script("GET /1.0/instances/\(name)", .sync(.integer(7)))
        for host in ["localhost", "127.0.0.1"] {
            let client = try server.remote(url(host))
            #expect(try await client.read(.instance(name), as: Int.self).value == 7)
            #expect(client.location == "at \(url(host)), project default")
        }
    }

    @Test func untrustedServer() async throws {
        let pinned = try await error(server.remote(url(), server: "stranger.crt"))
        #expect(pinned.code == .untrustedServer)
        #expect(pinned.detail.contains("is not the one in \(server.file("stranger.crt"))"))
        let systems = try await error(server.remote(url(), server: nil))
        #expect(systems.code == .untrustedServer)
        #expect(systems.detail.contains("serverCertificate"))
        #expect(!systems.isUncertain)
    }

    @Test func nameMismatchAndServerName() async throws {
        let name = uniqueName()
        try await server.script("GET /1.0/instances/\(name)", .sync(.integer(7)))
        for host in ["localhost", "127.0.0.1"] {
            let address = "https://\(host):\(server.ports.elsewhere)"
            let mismatch = try await error(server.remote(address, server: "elsewhere.crt"))
            #expect(mismatch.code == .untrustedServer)
            #expect(mismatch.detail.contains("serverName"))
            let named = try server.remote(address, server: "elsewhere.crt", name: "lxd.test")
            #expect(try await named.read(.instance(name), as: Int.self).value == 7)
            let misnamed = try await error(server.remote(address, server: "elsewhere.crt", name: "other.test"))
            #expect(misnamed.code == .untrustedServer)
        }
        #expect(
            try await server.log("GET /1.0/instances/\(name)").first?.headers["host"]
                == "lxd.test:\(server.ports.elsewhere)")
    }

    @Test func certificateFiles() async throws {
        let missing = try await error(server.remote(url(), certificate: "nothing.crt"))
        #expect(missing.code == .certificateFile)
        #expect(
            missing.detail
                == "the client's certificate, \(server.file("nothing.crt")), cannot be read: No such file or directory")
        let missingKey = try await error(server.remote(url(), key: "nothing.key"))
        #expect(missingKey.code == .certificateFile)
        #expect(missingKey.detail.hasPrefix("the client's key, \(server.file("nothing.key")), cannot be read"))
        let missingServer = try await error(server.remote(url(), server: "nothing.crt"))
        #expect(missingServer.code == .certificateFile)
        #expect(missingServer.detail.hasPrefix("the server's certificate, "))
        let garbage = try await error(server.remote(url(), certificate: "client.key"))
        #expect(garbage.code == .certificateFile)
        #expect(garbage.detail.contains("are no certificate and its private key"))
        let unpaired = try await error(server.remote(url(), key: "stranger.key"))
        #expect(unpaired.code == .certificateFile)
        let noAuthority = try await error(server.remote(url(), server: "client.key"))
        #expect(noAuthority.code == .certificateFile)
        #expect(noAuthority.detail == "\(server.file("client.key")) is no certificate in PEM")
    }

    @Test func refusedAndUnknown() async throws {
        let refused = try await error(server.remote("https://127.0.0.1:\(server.ports.refused)"))
        #expect(refused.code == .noServer)
        #expect(refused.detail.contains("core.https_address"))
        let unknown = try await error(server.remote("https://lxd.invalid:8443"))
        #expect(unknown.code == .noServer)
        #expect(unknown.detail.contains("the setting url"))
    }

    @Test(arguments: [
        "http://localhost:8443", "localhost:8443", "https://", "https://localhost:8443/1.0", "https://a@localhost",
        "https://localhost:8443?x", "https://local host", "unix:///run/lxd.socket",
    ])
    func wrongURL(url: String) async throws {
        let error = try await error(server.remote(url))
        #expect(error.code == .invalidRequest)
        #expect(error.detail.contains("https://host:8443"))
    }

    @Test func wrongServerName() async throws {
        #expect(try await error(server.remote(url(), name: "a b")).code == .invalidRequest)
    }
}
