import Foundation
import Testing

@Suite("changeover rehearse") struct RehearseTests {
    @Test("It says that nothing real is touched, how the swap ends, what is left running, and the exit code")
    func text() async throws {
        let ran = try await Ran.changeover(["rehearse", Ran.playbook], in: Folder())
        #expect(ran.exitCode == 0)
        #expect(ran.errors.isEmpty)
        for expected in [
            "with seed 1. Nothing real is touched.", "  traffic       haproxy:web\n", "local-demo-web/health\n",
            "fully-patched/original-packages (shown, never decides)\n", "$ changeover swap --playbook ",
            "  launching  ", "  holding  ", "The hold of 1h follows; `--until end` rehearses it, too.",
            "Left running:\n  replacement   web-1 (i-2) running, in service on haproxy:web\n",
            "Not running:\n  original      web-1 (i-1) stopped, out of rotation on haproxy:web\n",
            "Every invariant held.\n", "Exit code of the real run: 0 (done: the original is held)\n",
        ] {
            #expect(ran.output.contains(expected), "\(expected)")
        }
    }

    @Test("Until the end it goes through the hold and the termination")
    func untilEnd() async throws {
        let ran = try await Ran.changeover(["rehearse", Ran.playbook, "--until", "end"], in: Folder())
        #expect(ran.exitCode == 0)
        #expect(ran.output.contains("$ changeover resume --due"))
        #expect(ran.output.contains("End: succeeded. i-2 serves; i-1 is gone."))
        #expect(ran.processorMilliseconds < 1000)
    }

    @Test("A playbook that asks is approved, or left at its checkpoint with --no-approve")
    func approval() async throws {
        let folder = try Folder()
        try folder.write(Self.askingPlaybook, to: "ask.yaml")
        try folder.write(Self.check, to: "check.yaml")
        let approved = try await Ran.changeover(["rehearse", "ask.yaml"], in: folder)
        #expect(approved.output.contains("? promote "))
        #expect(approved.output.contains("Exit code of the real run: 0 "))
        #expect(approved.processorMilliseconds < 1000)
        let arguments = ["rehearse", "ask.yaml", "--no-approve"]
        let left = try await Ran.changeover(arguments + ["--output", "json"], in: folder)
        let document = try left.document()
        #expect(left.exitCode == 0)
        #expect(document.state == "awaitingApproval")
        #expect(document.exitCode == 5)
        #expect(document.leftRunning == ["i-1", "i-2"])
        #expect(document.instances.map(\.isRouted) == [true, false])
        #expect(try await Ran.changeover(arguments + ["--exit-code"], in: folder).exitCode == 5)
    }

    @Test(
        "With --exit-code it ends with the code to which the swap came",
        arguments: [("lost-answer", 0), ("capacity", 4), ("protection", 3), ("crash", 0)] as [(String, Int32)])
    func exitCode(fault: String, expected: Int32) async throws {
        let ran = try await Ran.changeover(["rehearse", Ran.playbook, "--fault", fault, "--exit-code"], in: Folder())
        #expect(ran.exitCode == expected)
    }

    @Test("The same arguments give the same bytes in every process", arguments: ["text", "json", "jsonl"])
    func determinism(format: String) async throws {
        func run(_ seed: String) async throws -> String {
            let arguments = ["--fault", "stall", "--fault", "throttle", "--seed", seed, "--output", format]
            return try await Ran.changeover(["rehearse", Ran.playbook] + arguments, in: folder).output
        }
        let folder = try Folder()
        let first = try await run("7")
        #expect(!first.isEmpty)
        for _ in 0..<3 { #expect(try await run("7") == first) }
        #expect(try await run("8") != first)
    }

    @Test("Nothing is written: no store, no evidence, no file of any kind")
    func nothingWritten() async throws {
        let folder = try Folder()
        try folder.write(Self.askingPlaybook, to: "ask.yaml")
        try folder.write(Self.check, to: "check.yaml")
        let before = folder.contents
        for fault in ["failing-check", "crash"] {
            let ran = try await Ran.changeover(
                ["rehearse", "ask.yaml", "--until", "end", "--fault", fault], in: folder)
            #expect(ran.exitCode == 0)
        }
        #expect(folder.contents == before)
    }

    @Test("A stream of events has one JSON document on each line and the summary on the last")
    func stream() async throws {
        struct Event: Decodable {
            var type: String
            var simulatedMilliseconds: Int64
            var state: String?
        }
        let arguments = ["rehearse", Ran.playbook, "--fault", "crash", "--output", "jsonl"]
        let ran = try await Ran.changeover(arguments, in: Folder())
        let lines = ran.output.split(separator: "\n")
        let last = try #require(lines.last)
        let summary = try JSONDecoder().decode(Rehearsed.self, from: Data(last.utf8))
        #expect(summary.type == "rehearsal")
        #expect(summary.finalExitCode == 0)
        let events = try lines.dropLast().map { try JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
        #expect(
            Set(events.map(\.type)).isSuperset(of: ["processStarted", "event", "fault", "processEnded"]))
        #expect(events.map(\.simulatedMilliseconds) == events.map(\.simulatedMilliseconds).sorted())
        #expect(events.last { $0.type == "event" }?.state == "holding")
        #expect(ran.errors.isEmpty)
    }

    @Test("As one document it has the same events as its timeline")
    func document() async throws {
        struct Whole: Decodable {
            struct Event: Decodable { var type: String }
            var timeline: [Event]
        }
        let arguments = ["rehearse", Ran.playbook, "--output"]
        let document = try await Ran.changeover(arguments + ["json"], in: Folder())
        let stream = try await Ran.changeover(arguments + ["jsonl"], in: Folder())
        let whole = try JSONDecoder().decode(Whole.self, from: Data(document.output.utf8))
        #expect(whole.timeline.count == stream.output.split(separator: "\n").count - 1)
        #expect(document.errors.isEmpty)
    }

    static let askingPlaybook = """
        apiVersion: changeover/v1
        kind: Playbook
        metadata: {name: asking}
        instances: [web-7]
        checks: [check.yaml]
        traffic:
          - haproxy: {socket: haproxy.sock, backend: web, port: 80}

        """

    static let check = """
        apiVersion: changeover/v1
        kind: HealthCheck
        metadata: {name: web}
        checks:
          - id: port
            tcp: {port: 80}

        """
}
