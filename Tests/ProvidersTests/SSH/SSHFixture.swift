import Foundation
import Glibc
import Testing
import Workflow

@testable import Providers

/// A real SSH server on loopback, run by this user, with keys and known hosts of its own; everything ends with `stop`.
final class SSHFixture: @unchecked Sendable {
    static let server = "/usr/sbin/sshd"
    static let isInstalled =
        FileManager.default.isExecutableFile(atPath: server)
        && FileManager.default.isExecutableFile(atPath: "/usr/bin/ssh")

    let folder: String
    let port: Int
    let user: String
    private let process = Process()
    private let madePrivilegeFolder: Bool

    init() async throws {
        folder = "/tmp/ssh-\(UUID().uuidString.prefix(8))"
        port = try Self.freePort()
        user = try await Self.run(["id", "-un"]).trimmingCharacters(in: .newlines)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        // As root, the server insists on this empty folder.
        madePrivilegeFolder = geteuid() == 0 && mkdir("/run/sshd", 0o755) == 0
        for name in ["host", "other-host", "user", "stranger"] {
            _ = try await Self.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/\(name)"])
        }
        try FileManager.default.copyItem(atPath: "\(folder)/user.pub", toPath: "\(folder)/authorized")
        try know("host", in: "known")
        try know("other-host", in: "known-wrong")
        try Data().write(to: URL(fileURLWithPath: "\(folder)/known-none"))
        try configuration.write(toFile: "\(folder)/config", atomically: true, encoding: .utf8)
        process.executableURL = URL(fileURLWithPath: Self.server)
        process.arguments = ["-D", "-f", "\(folder)/config", "-E", "\(folder)/log"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try await eventually("sshd listens") { self.log.contains("Server listening") }
    }

    /// What the server has logged.
    var log: String { (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? "" }

    /// How many connections were let in.
    var logins: Int { log.components(separatedBy: "Accepted publickey").count - 1 }

    func runner(
        key: String = "user", known: String = "known", host: String = "127.0.0.1", port: Int? = nil,
        control: String = "c"
    ) -> SSHCommandRunner {
        SSHCommandRunner(
            host: host,
            settings: SSHSettings(
                user: user, identityFile: "\(folder)/\(key)", knownHostsFile: "\(folder)/\(known)",
                port: port ?? self.port),
            controlFolder: "\(folder)/\(control)")
    }

    /// Kills the processes of the server that serve connections.
    func breakConnections() async throws {
        _ = try await Self.run(["sh", "-c", "pkill -KILL -P \(process.processIdentifier) || true"])
    }

    func stopServer() async throws {
        try await breakConnections()
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func stop() async {
        await runner().disconnect()
        if process.isRunning { try? await stopServer() }
        if madePrivilegeFolder { rmdir("/run/sshd") }
        try? FileManager.default.removeItem(atPath: folder)
    }

    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, "127.0.0.1", &name.sin_addr)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard isBound else { throw SystemFailure(doing: "find a free port") }
        return Int(UInt16(bigEndian: name.sin_port))
    }

    private static func run(_ arguments: [String]) async throws -> String {
        try await ControllerCommandRunner().run(Command(arguments)).output
    }

    private func know(_ key: String, in file: String) throws {
        let text = try String(contentsOfFile: "\(folder)/\(key).pub", encoding: .utf8)
        try "[127.0.0.1]:\(port) \(text)".write(toFile: "\(folder)/\(file)", atomically: true, encoding: .utf8)
    }

    private var configuration: String {
        """
        ListenAddress 127.0.0.1:\(port)
        HostKey \(folder)/host
        AuthorizedKeysFile \(folder)/authorized
        PidFile none
        UsePAM no
        StrictModes no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        PermitRootLogin prohibit-password
        LogLevel VERBOSE

        """
    }
}
