import Foundation
import Synchronization

/// The images and package repositories of the fixtures, each built once and copied by each fixture.
actor DemoImage {
    static let shared = DemoImage()

    enum Kind: String, Sendable {
        /// The demo's: a web service with updates to install.
        case demo
        /// Nothing to install, and a service that starts and ends at once and answers everything with 200.
        case bare
    }

    private var building: [Kind: Task<String, any Error>] = [:]

    /// Puts a copy of `images` and `repository` below `folder`.
    func copy(_ kind: Kind, to folder: String, environment: [String: String]) async throws {
        let task = building[kind] ?? Task { try await Self.build(kind, environment: environment) }
        building[kind] = task
        let source = try await task.value
        let copy = try Program(
            ["cp", "-a", source + "/img", folder + "/img"], in: folder, environment: environment,
            files: folder + "/copy")
        guard try await copy.end() == 0 else { throw Failed(copy.transcript) }
    }

    private static func build(_ kind: Kind, environment: [String: String]) async throws -> String {
        let folder = "/tmp/chg-image-\(getpid())/\(kind.rawValue)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // The folder's name follows from the process, so the handler needs to remember nothing.
        atexit { try? FileManager.default.removeItem(atPath: "/tmp/chg-image-\(getpid())") }
        try await localImage(["build", folder + "/img"], in: folder, environment: environment)
        if kind == .bare { try await strip(folder, environment: environment) }
        return folder
    }

    private static func localImage(
        _ arguments: [String], in folder: String, environment: [String: String]
    ) async throws {
        let build = try Program(
            ["sh", Tools.checkout + "/scripts/local-image"] + arguments, in: folder, environment: environment,
            files: folder + "/build")
        guard try await build.end() == 0 else { throw Failed(build.transcript) }
    }

    /// Makes the demo's image bare.
    private static func strip(_ folder: String, environment: [String: String]) async throws {
        let pool = folder + "/img/repository/pool"
        for name in try FileManager.default.subpathsOfDirectory(atPath: pool) where name.hasSuffix(".deb") {
            try FileManager.default.removeItem(atPath: "\(pool)/\(name)")
        }
        // The version that the image has: apt must have a repository to say that nothing is left to install.
        try await localImage(
            ["publish", folder + "/img", "--version", "1.0", "--suite", "main"], in: folder, environment: environment)
        for (name, text) in [("service", service), ("server.py", server), ("first-boot", firstBoot)] {
            let path = folder + "/img/images/demo/" + name
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            chmod(path, 0o755)
        }
    }

    private static let firstBoot = "#!/bin/sh\necho 'nothing to install'\n"

    private static let service = "#!/bin/sh\nexec python3 -I -S \"$DPKG_ROOT/../server.py\"\n"

    private static let server = """
        import os, socket
        server = socket.create_server((os.environ["ADDRESS"], int(os.environ["PORT"])), backlog=128)
        body = ("%s %s\\n" % (os.environ["INSTANCE_NAME"], os.environ["INSTANCE_ID"])).encode()
        answer = b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\nConnection: close\\r\\n\\r\\n" % len(body) + body
        while True:
            connection = server.accept()[0]
            with connection:
                connection.settimeout(2)
                try:
                    if connection.recv(4096): connection.sendall(answer)
                except OSError: pass

        """
}
