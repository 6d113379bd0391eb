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

    /// What is special about a server.
    struct Special: Sendable {
        /// Further lines of its configuration.
        var lines = ""
        /// Has its key signed by the fixture's authority, for these names.
        var certifiedNames: String?
    }

    let folder: String
    let port: Int
    let user: String
    let connections: SSHConnections
    private let process: pid_t
    private let madePrivilegeFolder: Bool

    static func with(_ special: Special = Special(), _ body: (SSHFixture) async throws -> Void) async throws {
        let server = try await SSHFixture(special)
        do { try await body(server) } catch {
            Issue.record("the server says:\n\(server.log.suffix(2000))")
            await server.stop()
            throw error
        }
        await server.stop()
        #expect(!FileManager.default.fileExists(atPath: server.folder))
        // Connections go with their server.
        try await eventually("no client is left behind") {
            try await Self.run(["pgrep", "-f", "ssh .*\(server.folder)/"]).isEmpty
        }
    }

    private init(_ special: Special) async throws {
        folder = "/tmp/ssh-\(UUID().uuidString.prefix(8))"
        port = try Self.freePort()
        user = try await Self.run(["id", "-un"]).trimmingCharacters(in: .newlines)
        connections = SSHConnections(controlFolders: ["\(folder)/c"], keysFolder: "\(folder)/k")
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        // As root, the server insists on this empty folder.
        madePrivilegeFolder = geteuid() == 0 && mkdir("/run/sshd", 0o755) == 0
        for name in ["host", "other-host", "user", "stranger", "authority"] {
            _ = try await Self.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/\(name)"])
        }
        try FileManager.default.copyItem(atPath: "\(folder)/user.pub", toPath: "\(folder)/authorized")
        var lines = special.lines.replacingOccurrences(of: "FOLDER", with: folder)
        if let names = special.certifiedNames {
            _ = try await Self.run([
                "ssh-keygen", "-q", "-s", "\(folder)/authority", "-I", "test", "-h", "-n", names, "-V", "+1h",
                "\(folder)/host.pub",
            ])
            lines += "\nHostCertificate \(folder)/host-cert.pub\n"
        }
        try Self.configuration(folder: folder, port: port, lines).write(
            toFile: "\(folder)/config", atomically: true, encoding: .utf8)
        let null = try OwnedDescriptor.open("/dev/null", O_RDWR)
        process = try SpawnRequest(
            program: Self.server, arguments: [Self.server, "-D", "-f", "\(folder)/config", "-E", "\(folder)/log"],
            environment: ["PATH": ProgramSearch.standardPath], folder: nil, descriptors: [null, null, null]
        ).spawn()
        try know("host", in: "known")
        try know("other-host", in: "known-wrong")
        try write("", to: "known-none")
        try await eventually("sshd listens") { self.log.contains("Server listening") }
    }

    /// What the server has logged.
    var log: String { (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? "" }

    /// How many connections were let in.
    var logins: Int { log.components(separatedBy: "Accepted publickey").count - 1 }

    /// The public half of a key, as the file has it.
    func publicKey(_ name: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(name).pub", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func write(_ text: String, to name: String, mode: mode_t = 0o600) throws {
        try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        chmod("\(folder)/\(name)", mode)
    }

    /// A runner; `others` changes its settings.
    func runner(
        key: String = "user", known: String = "known", host: String = "127.0.0.1", port: Int? = nil,
        instance: String = "i-1", in connections: SSHConnections? = nil, console: String = "",
        _ others: (inout SSHSettings) -> Void = { _ in }
    ) -> SSHCommandRunner {
        var settings = SSHSettings(
            user: user, identityFile: "\(folder)/\(key)", hostKeys: .knownHosts("\(folder)/\(known)"),
            port: port ?? self.port)
        others(&settings)
        return SSHCommandRunner(
            host: host, instance: InstanceID(instance), provider: ProviderName("test"), settings: settings,
            connections: connections ?? self.connections, console: { console })
    }

    /// Kills the processes of the server that serve connections.
    func breakConnections() async throws {
        _ = try await Self.run(["sh", "-c", "pkill -KILL -P \(process) || true"])
    }

    func stopServer() async throws {
        try await breakConnections()
        kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) == -1 && errno == EINTR {}
    }

    func stop() async {
        await connections.close()
        try? await stopServer()
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

    static func run(_ arguments: [String]) async throws -> String {
        try await ControllerCommandRunner().run(Command(arguments)).output
    }

    private func know(_ key: String, in file: String) throws {
        try write("[127.0.0.1]:\(port) \(publicKey(key))\n", to: file)
    }

    private static func configuration(folder: String, port: Int, _ lines: String) -> String {
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
        \(lines)

        """
    }
}

/// Why a runner could not run a command; `nil` when it could.
func failure(_ runner: some CommandRunner, _ command: Command = Command(["true"])) async -> CommandError? {
    do throws(CommandError) {
        _ = try await runner.run(command)
        return nil
    } catch {
        return error
    }
}
