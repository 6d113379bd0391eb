import Configuration
import Documents
import Foundation
import HealthChecks
import Workflow

/// A playbook with its check files, read and linted.
struct LoadedPlaybook: Sendable {
    var playbook: Playbook
    let checks: [CheckDocument]
}

extension Workspace {
    /// Reads a playbook and every check file that it names; throws every mistake found.
    ///
    /// With a strategy of the command line's own, the playbook's and its fallback do not count; with check files of the
    /// command line's own, which count from the present folder, the playbook's do not.
    func loadPlaybook(
        _ path: String?, strategy: Strategy? = nil, checks: [String]? = nil
    ) throws -> LoadedPlaybook {
        try PlaybookLoader(folder: folder, strategy: strategy, checks: checks).load(try path ?? defaultPlaybook())
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
    /// The strategy, where it is not the playbook's that counts.
    var strategy: Strategy?
    /// Check files by path, where they are not the playbook's that count.
    var checks: [String]?

    /// Reads a playbook and every check file that it names; throws every mistake found.
    func load(_ path: String) throws -> LoadedPlaybook {
        let bytes = try FileReader.bytes(of: path, what: "the playbook")
        var playbook = try PlaybookFile.decode(bytes, path: path)
        playbook.routes = playbook.routes.map(withAbsolutePaths)
        if let strategy {
            playbook.strategy = strategy
            playbook.fallback = nil
        }
        if let checks { playbook.checks = checks.map { URL(fileURLWithPath: $0).standardizedFileURL.path } }
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
        try requireVerification(documents, of: playbook, path: path)
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

    /// Throws when nothing would prove the instance healthy; a comparison proves nothing of an update in place.
    private func requireVerification(_ documents: [CheckDocument], of playbook: Playbook, path: String) throws {
        let checks = try documents.flatMap { try CheckFiles.summaries($0) }
        let isInPlace = playbook.strategy == .inPlace
        let counting = checks.filter { $0.phases.contains(.verify) && !(isInPlace && $0.kind == "compare") }
        guard counting.isEmpty else { return }
        let isCompared = checks.contains { $0.kind == "compare" }
        throw CommandFailure(
            .usage, code: "no-checks",
            "\(path): no check takes part in the phase verify, so nothing would prove the "
                + (isInPlace ? "updated instance" : "replacement") + " healthy"
                + (isInPlace && isCompared ? "; comparisons take no part in an update in place" : ""))
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
