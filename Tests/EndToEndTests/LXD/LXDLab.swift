import Foundation
import Synchronization

/// The private LXD of `scripts/lxd-lab`, started once for all tests of a run and gone when the run is.
actor LXDLab {
    static let shared = LXDLab()

    /// Why there can be no lab on this machine; `nil` when there can.
    static let obstacle: String? = {
        let places = Tools.path.split(separator: ":")
        let missing = ["lxd", "lxc", "dnsmasq", "nft", "mmdebstrap", "apt-ftparchive", "ip", "openssl"].filter { tool in
            !places.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)") }
        }
        if !missing.isEmpty { return "LXD cannot run here, missing: \(missing); run scripts/setup lxd" }
        if geteuid() == 0 { return nil }
        let sudo = try? Program(
            ["sudo", "-n", "true"], in: "/", environment: ["PATH": Tools.path], files: "/tmp/chg-sudo-\(getpid())")
        while let sudo, sudo.exitCode == nil { usleep(10_000) }
        return sudo?.exitCode == 0 ? nil : "LXD needs root, and sudo would ask for a password"
    }()

    /// Where the lab is; short, since sockets are below it, and open to the users that instances run as.
    static let folder = "/tmp/chg-lxd-\(getpid())"
    static let socket = folder + "/lxd/unix.socket"
    static let variables = ["LXD_DIR": folder + "/lxd", "LXD_CONF": folder + "/.lxc"]

    /// The lab's network.
    struct Network: Sendable {
        /// The first three numbers of its addresses.
        var prefix: String
        var gateway: String { prefix + ".1" }
    }

    private var starting: Task<Network, any Error>?

    /// The lab, started by whoever asks first.
    func network() async throws -> Network {
        let task = starting ?? Task { try await Self.start() }
        starting = task
        return try await task.value
    }

    private static func start() async throws -> Network {
        try watchOver()
        _ = try await run(["start", folder])
        _ = try await run(["image", folder, "changeover-lab", "changeover-mute"], within: .seconds(400))
        let facts = try String(contentsOfFile: folder + "/lab.env", encoding: .utf8)
        guard let line = facts.split(separator: "\n").first(where: { $0.hasPrefix("gateway=") }) else {
            throw Failed("the lab has no address: \(facts)")
        }
        return Network(prefix: line.dropFirst("gateway=".count).split(separator: ".").prefix(3).joined(separator: "."))
    }

    /// The lab goes when the tests end; and when they are killed, since then its guard is nobody's child any more.
    private static func watchOver() throws {
        let guardian = """
            import os, subprocess, sys, time
            parent = os.getppid()
            while os.getppid() == parent: time.sleep(0.2)
            subprocess.run(sys.argv[1:])
            """
        _ = try Program(
            ["python3", "-I", "-c", guardian, Tools.checkout + "/scripts/lxd-lab", "stop", folder], in: "/",
            environment: ["PATH": Tools.path], files: "/tmp/chg-lxd-guard-\(getpid())")
        atexit {
            let files = "/tmp/chg-lxd-stop-\(getpid())"
            let stop = try? Program(
                [Tools.checkout + "/scripts/lxd-lab", "stop", LXDLab.folder], in: "/",
                environment: ["PATH": Tools.path], files: files)
            while let stop, stop.exitCode == nil { usleep(20_000) }
            if let stop, stop.exitCode != 0 {
                FileHandle.standardError.write(Data("the lab is left behind: \(stop.transcript)\n".utf8))
            }
            for name in [files, "/tmp/chg-lxd-guard-\(getpid())", "/tmp/chg-sudo-\(getpid())"] {
                for suffix in [".out", ".err"] { try? FileManager.default.removeItem(atPath: name + suffix) }
            }
        }
    }

    /// Runs `scripts/lxd-lab`.
    static func run(_ arguments: [String], within limit: Duration = .seconds(90)) async throws -> String {
        let files = "/tmp/chg-lxd-run-" + UUID().uuidString.prefix(8)
        let program = try Program(
            [Tools.checkout + "/scripts/lxd-lab"] + arguments, in: "/", environment: ["PATH": Tools.path], files: files)
        defer {
            for suffix in [".out", ".err"] { try? FileManager.default.removeItem(atPath: files + suffix) }
        }
        guard try await program.end(within: limit) == 0 else { throw Failed(program.transcript) }
        return program.output
    }
}
