import Foundation
import TestSupport

/// The private LXD of `scripts/lxd-lab` (`RealLXD`).
///
/// The tests take all of it: whatever instance there is when a test ends is deleted.
enum LXDLab {
    /// Where the lab is.
    static let folder = URL(fileURLWithPath: RealLXD.folder).deletingLastPathComponent().path
    static let socket = RealLXD.folder + "/unix.socket"
    static let variables = ["LXD_DIR": RealLXD.folder, "LXD_CONF": folder + "/.lxc"]

    /// The first three numbers of the addresses of the lab's network.
    static func networkPrefix() throws -> String {
        let facts = try String(contentsOfFile: folder + "/lab.env", encoding: .utf8)
        guard let line = facts.split(separator: "\n").first(where: { $0.hasPrefix("gateway=") }) else {
            throw Failed("the lab has no address: \(facts)")
        }
        return line.dropFirst("gateway=".count).split(separator: ".").prefix(3).joined(separator: ".")
    }

    /// Runs `scripts/lxd-lab` with a word and what follows the lab's folder.
    static func run(_ word: String, _ arguments: [String] = []) async throws {
        let files = "/tmp/chg-lxd-run-" + UUID().uuidString.prefix(8)
        let program = try Program(
            [Tools.checkout + "/scripts/lxd-lab", word, folder] + arguments, in: "/",
            environment: ["PATH": Tools.path], files: files)
        defer {
            for suffix in [".out", ".err"] { try? FileManager.default.removeItem(atPath: files + suffix) }
        }
        guard try await program.end(within: .seconds(90)) == 0 else { throw Failed(program.transcript) }
    }
}
