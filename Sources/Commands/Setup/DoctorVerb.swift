import ArgumentParser
import Configuration
import Engine
import Foundation
import Journal
import Workflow

struct DoctorVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract:
            "Checks configuration, store, providers, tools and playbooks; each line ok, warning or error with the fix.",
        discussion: "Example: changeover doctor")
    @OptionGroup var options: GlobalOptions

    struct Line: Codable {
        var result: String
        var subject: String
        var message: String
    }

    func perform(_ output: Output) async throws -> ExitStatus {
        var lines: [Line] = []
        let workspace: Workspace
        do {
            workspace = try Workspace.load(options)
            lines.append(Line(result: "ok", subject: "configuration", message: workspace.configuration.path))
            await examine(workspace, &lines)
        } catch {
            let failure = CommandFailure(error)
            lines.append(Line(result: "error", subject: "configuration", message: failure.message))
        }
        if output.format == .jsonl { lines.forEach { output.document($0) } } else { output.document(lines) }
        for line in lines {
            let colour: Output.Colour = line.result == "ok" ? .green : line.result == "warning" ? .yellow : .red
            output.line("\(output.coloured(line.result.padded(to: 8), colour)) \(line.subject): \(line.message)")
        }
        return lines.contains { $0.result == "error" } ? .refused : .done
    }

    private func examine(_ workspace: Workspace, _ lines: inout [Line]) async {
        do {
            try await workspace.openJournal().close()
            lines.append(
                Line(result: "ok", subject: "store", message: "\(workspace.journalPath) is writable and synced (FULL)"))
        } catch {
            lines.append(Line(result: "error", subject: "store", message: CommandFailure(error).message))
        }
        for name in workspace.configuration.providers.keys.sorted() {
            do {
                let count = try await workspace.observer(name).instances().count
                lines.append(Line(result: "ok", subject: "provider \(name)", message: "answers; \(count) instances"))
            } catch {
                lines.append(Line(result: "error", subject: "provider \(name)", message: CommandFailure(error).message))
            }
        }
        var tools = [
            ("apt-get", "patches local instances"), ("dpkg", "patches local instances"), ("tar", "packs evidence"),
        ]
        if workspace.configuration.usesSSH { tools.append(("ssh", "runs commands on instances")) }
        for (tool, purpose) in tools {
            let found = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
                .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)") }
            let message =
                found ? "found" : "not found; it \(purpose): apt-get install \(Self.package(of: tool))"
            lines.append(Line(result: found ? "ok" : "warning", subject: "tool \(tool)", message: message))
        }
        await examinePlaybooks(workspace, &lines)
    }

    private static func package(of tool: String) -> String {
        switch tool {
        case "apt-get": "apt"
        case "ssh": "openssh-client"
        default: tool
        }
    }

    private func examinePlaybooks(_ workspace: Workspace, _ lines: inout [Line]) async {
        let folder = workspace.absolute("playbooks")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() where name.hasSuffix(".yaml") {
            let path = "\(folder)/\(name)"
            do {
                let loaded = try workspace.loadPlaybook(path)
                lines.append(
                    Line(result: "ok", subject: "playbook \(name)", message: "\(loaded.checks.count) check files"))
                for observer in try workspace.observers(
                    for: loaded.playbook.routes, provider: workspace.providerName(loaded.playbook.provider)
                ).values {
                    do {
                        let members = try await observer.members()
                        lines.append(
                            Line(result: "ok", subject: "\(observer.name)", message: "\(members.count) members"))
                    } catch {
                        lines.append(
                            Line(result: "warning", subject: "\(observer.name)", message: CommandFailure(error).message)
                        )
                    }
                }
            } catch {
                lines.append(Line(result: "error", subject: "playbook \(name)", message: CommandFailure(error).message))
            }
        }
    }
}
