import Foundation
import Synchronization

/// The demo image and its package repository, built once for all fixtures and copied by each.
actor DemoImage {
    static let shared = DemoImage()

    private var building: Task<String, any Error>?

    /// Puts a copy of `images` and `repository` below `folder`.
    func copy(to folder: String, environment: [String: String]) async throws {
        let task = building ?? Task { try await Self.build(environment: environment) }
        building = task
        let source = try await task.value
        let copy = try Program(
            ["cp", "-a", source + "/img", folder + "/img"], in: folder, environment: environment,
            files: folder + "/copy")
        guard try await copy.end() == 0 else { throw Failed(copy.transcript) }
    }

    private static func build(environment: [String: String]) async throws -> String {
        let folder = "/tmp/chg-image-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // The folder's name follows from the process, so the handler needs to remember nothing.
        atexit { try? FileManager.default.removeItem(atPath: "/tmp/chg-image-\(getpid())") }
        let build = try Program(
            ["sh", Tools.checkout + "/scripts/local-image", "build", folder + "/img"], in: folder,
            environment: environment, files: folder + "/build")
        guard try await build.end() == 0 else { throw Failed(build.transcript) }
        return folder
    }
}
