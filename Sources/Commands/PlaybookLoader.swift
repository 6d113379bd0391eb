import Configuration
import Documents
import Foundation
import HealthChecks
import Workflow

/// A playbook with its check files, read and linted.
struct LoadedPlaybook: Sendable {
    let playbook: Playbook
    let checks: [CheckDocument]
}

extension Workspace {
    /// Reads a playbook and every check file that it names; throws every mistake found.
    func loadPlaybook(_ path: String?) throws -> LoadedPlaybook {
        try PlaybookLoader(folder: folder).load(try path ?? defaultPlaybook())
    }

    private func defaultPlaybook() throws -> String {
        let path = absolute("playbooks/default.yaml")
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(
                .usage, code: "no-playbook",
                "name a playbook with --playbook FILE; without one, \(path) is used, and that does not exist")
        }
        return path
    }
}

/// Reads playbooks with their check files.
struct PlaybookLoader: Sendable {
    /// The configuration's folder, from which relative paths of sockets and programs count.
    let folder: URL

    /// Reads a playbook and every check file that it names; throws every mistake found.
    func load(_ path: String) throws -> LoadedPlaybook {
        let bytes = try FileReader.bytes(of: path, what: "the playbook")
        var playbook = try PlaybookFile.decode(bytes, path: path)
        playbook.routes = playbook.routes.map(withAbsolutePaths)
        let playbookFolder = URL(fileURLWithPath: path).standardizedFileURL.deletingLastPathComponent()
        var errors: [DocumentError] = []
        var documents: [CheckDocument] = []
        for name in playbook.checks {
            let file = try locateCheck(name, beside: playbookFolder, playbook: path)
            let text = try FileReader.bytes(of: file, what: "the check file")
            do throws(DocumentErrors) {
                documents.append(try CheckFile.load(bytes: text, path: file, read: FileReader.checkFile).document)
            } catch {
                errors += error.errors
            }
        }
        guard errors.isEmpty else { throw DocumentErrors(errors) }
        try requireVerification(documents, playbook: path)
        return LoadedPlaybook(playbook: playbook, checks: documents)
    }

    private func locateCheck(_ name: String, beside folder: URL, playbook: String) throws -> String {
        let places =
            name.hasPrefix("/")
            ? [name]
            : [folder, folder.deletingLastPathComponent(), self.folder].map {
                $0.appendingPathComponent(name).standardizedFileURL.path
            }
        guard let found = places.first(where: FileManager.default.fileExists(atPath:)) else {
            throw CommandFailure(
                .usage, code: "no-file",
                "\(playbook): the check file \(name) does not exist; looked for \(places.joined(separator: ", "))")
        }
        return found
    }

    private func requireVerification(_ documents: [CheckDocument], playbook: String) throws {
        let phases = try documents.flatMap { try CheckFile.decode($0).checkIDs.flatMap(\.phases) }
        guard phases.contains(.verify) else {
            throw CommandFailure(
                .usage, code: "no-checks",
                "\(playbook): no check takes part in the phase verify, so nothing would prove the replacement healthy")
        }
    }

    private func withAbsolutePaths(_ route: TrafficRoute) -> TrafficRoute {
        switch route {
        case .haproxy(var route):
            route.socket = absolute(route.socket)
            return .haproxy(route)
        case .command(var route):
            if let program = route.command.first, program.contains("/") { route.command[0] = absolute(program) }
            return .command(route)
        case .targetGroup, .elasticAddress, .lxdProxy, .lxdAddress, .lxdVolume: return route
        }
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : folder.appendingPathComponent(path).standardizedFileURL.path
    }
}
