import ArgumentParser
import Foundation

struct InitVerb: AsyncParsableCommand, Verb {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Writes a commented changeover.yaml, a playbook and a check to start from.",
        discussion: "Example: changeover init --folder ops. Files that exist are never overwritten.")
    @OptionGroup var options: GlobalOptions
    @Option(help: "The folder to write to.") var folder: String = "."

    func perform(_ output: Output) async throws -> ExitStatus {
        var written: [String] = []
        for (path, text) in InitFiles.all {
            let file = URL(fileURLWithPath: folder).appendingPathComponent(path)
            guard !FileManager.default.fileExists(atPath: file.path) else {
                output.line("kept     \(file.relativePath), which exists")
                continue
            }
            do {
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file, options: [.atomic])
            } catch {
                throw CommandFailure(
                    .refused, code: "cannot-write", "\(file.path) cannot be written: \(error.localizedDescription)")
            }
            written.append(file.path)
            output.line("written  \(file.relativePath)")
        }
        output.line("Next: read changeover.yaml, then `changeover doctor`.")
        output.document(["written": written])
        return .done
    }
}

/// The files that `init` writes.
enum InitFiles {
    static let all: [(path: String, text: String)] = [
        ("changeover.yaml", configuration), ("playbooks/default.yaml", playbook), ("healthchecks/web.yaml", check),
    ]

    private static let configuration = """
        # Where Changeover keeps its journal, and which providers there are.
        apiVersion: changeover/v1
        kind: Configuration
        store: {folder: .changeover}   # journal and evidence; on a local disk, shared by all who operate from here
        provider: local                # used where a playbook names none
        providers:
          local:
            # The embedded provider: instances are processes on this machine, to learn and to test. It isolates nothing.
            local: {root: .changeover/local}

        """

    private static let playbook = """
        # How instances are swapped when no other playbook is named.
        apiVersion: changeover/v1
        kind: Playbook
        metadata: {name: default, description: Replace one web server at a time}
        checks: [healthchecks/web.yaml]
        patch: {scope: all}
        promote: {approval: ask}       # a person looks before traffic moves; auto lets passed checks suffice
        # traffic:                     # without an entry no traffic is moved
        #   - haproxy: {socket: /run/haproxy/admin.sock, backend: web, port: 8080}
        drain: {timeout: 60s}
        bake: {for: 10m}               # watched this long after traffic moved
        retire: {hold: 24h}            # the stopped original can be brought back this long

        """

    private static let check = """
        # What proves that a web server is healthy; `changeover check explain` says what this will do.
        apiVersion: changeover/v1
        kind: HealthCheck
        metadata: {name: web, description: The server answers}
        checks:
          - id: answers
            http: {port: 8080, path: /}
            assert:
              - status: 200
            phase: [baseline, verify, bake, rollback]
          - id: fully-patched
            # First boot restarts not every service whose files an update replaces; leave staleServices out where it does.
            patched: {scope: all, rebootRequired: forbid, staleServices: allow}
            phase: [verify]
            timeout: 60s
            startupGrace: 30s
            successThreshold: 1
            stableFor: 0s

        """
}
