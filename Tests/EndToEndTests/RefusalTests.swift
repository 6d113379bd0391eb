import Foundation
import Testing

/// What is refused, and what must not leave a trace.
@Suite(.serialized, .enabled(if: Tools.areInstalled, "missing: \(Tools.missing)"))
struct RefusalTests {
    @Test func secondSwapNamesTheFirst() async throws {
        try await Fixture.with { fixture in
            let first = try fixture.changeover(["swap", "web-1", "--output", "jsonl"])
            let swap = try await fixture.line(of: first) { $0.state == "patching" }.swap
            for arguments in [["swap", "web-1"], ["swap", fixture.original]] {
                let second = try await fixture.run(arguments)
                #expect(second.code == 4, "\(second.transcript)")
                #expect(second.errors.contains(swap), "\(second.transcript)")
            }
            #expect(try await first.end() == 0, "\(first.transcript)")
            try await Ending.expectSameEnd(fixture, swap: swap)
        }
    }

    @Test func oneOfTwoAtTheSameTimeWins() async throws {
        try await Fixture.with { fixture in
            let both = try (0..<2).map { _ in try fixture.changeover(["swap", "web-1", "--output", "jsonl"]) }
            var codes: [Int32] = []
            for program in both { codes.append(try await program.end()) }
            #expect(codes.sorted() == [0, 4], "\(both.map(\.transcript))")
            let swaps = try await fixture.swaps()
            #expect(swaps.count == 1)
            let swap = try #require(swaps.first?.id)
            let loser = try #require(zip(both, codes).first { $0.1 == 4 }?.0)
            #expect(loser.errors.contains(swap), "\(loser.transcript)")
            try await Ending.expectSameEnd(fixture, swap: swap)
        }
    }

    @Test func planAndDryRunChangeNothing() async throws {
        try await Fixture.with { fixture in
            // With an earlier swap in the journal, so that there is something to disturb.
            let id = try await Journeys.swapThenUndo(fixture)
            let before = Fingerprint(of: fixture.store)
            let servers = try fixture.servers()
            #expect(before.count > 50)
            for arguments in [
                ["plan", fixture.original], ["plan", fixture.original, "--out", fixture.folder + "/plan.json"],
                ["swap", fixture.original, "--dry-run"], ["swap", fixture.original, "--dry-run", "--output", "json"],
                ["status", id], ["list"], ["explain", id], ["instances"], ["orphans", "list"], ["diff", id],
                ["logs", id],
            ] {
                let run = try await fixture.run(arguments)
                #expect(run.code == 0, "\(run.transcript)")
                #expect(Fingerprint(of: fixture.store).differences(to: before).isEmpty, "\(arguments)")
                #expect(try fixture.servers() == servers, "\(arguments)")
            }
            print("plan and --dry-run: \(before.count) files and folders compared, none changed")
        }
    }

    @Test func driftIsListed() async throws {
        try await Fixture.with { fixture in
            let plan = fixture.folder + "/plan.json"
            #expect(try await fixture.run(["plan", "web-1", "--out", plan]).code == 0)

            let record = "\(fixture.instancesFolder)/\(fixture.original)/instance.json"
            let asItWas = try String(contentsOfFile: record, encoding: .utf8)
            let edits = [
                ("\"role\"", "\"part\"", ["tag role: planned web, now none", "tag part: planned none, now web"]),
                ("\"name\":\"web-1\"", "\"name\":\"web-9\"", ["original.name: planned web-1, now web-9"]),
                ("\"image\":\"demo\"", "\"image\":\"other\"", ["original.image: planned demo, now other"]),
            ]
            for (old, new, fragments) in edits {
                let compact = asItWas.replacingOccurrences(of: "\" : ", with: "\":")
                try #require(compact.contains(old), "\(asItWas)")
                try compact.replacingOccurrences(of: old, with: new).write(
                    toFile: record, atomically: true, encoding: .utf8)
                try await expectDrift(fixture, plan, fragments)
            }
            try asItWas.write(toFile: record, atomically: true, encoding: .utf8)

            _ = try fixture.haproxy("set server web/web-1 state maint")
            try await expectDrift(
                fixture, plan, ["haproxy:web member web-1: planned \(fixture.originalAddress) inService, now"])
            _ = try fixture.haproxy("set server web/web-1 state ready")
            try await eventually("HAProxy sees it again") { try fixture.serving() == [fixture.originalAddress] }

            // The plan still fits, and is carried out.
            let run = try await fixture.run(["swap", "--plan", plan])
            #expect(run.code == 0, "\(run.transcript)")
            // Now its instance is stopped.
            let again = try await fixture.run(["swap", "--plan", plan])
            #expect(
                again.code == 4 && again.errors.contains("original.state: planned running, now stopped"),
                "\(again.transcript)")
        }
    }

    private func expectDrift(_ fixture: Fixture, _ plan: String, _ fragments: [String]) async throws {
        let before = Fingerprint(of: fixture.store)
        let servers = try fixture.servers()
        let run = try await fixture.run(["swap", "--plan", plan])
        #expect(run.code == 4, "\(run.transcript)")
        for fragment in fragments { #expect(run.errors.contains(fragment), "\(run.transcript)") }
        #expect(Fingerprint(of: fixture.store).differences(to: before).isEmpty)
        #expect(try fixture.servers() == servers)
        print("drift: \(run.errors.split(separator: "\n").dropFirst().map { $0.trimmingCharacters(in: .whitespaces) })")
    }

    @Test func editedPlanIsRefused() async throws {
        try await Fixture.with { fixture in
            let plan = fixture.folder + "/plan.json"
            #expect(try await fixture.run(["plan", "web-1", "--out", plan]).code == 0)
            let text = try String(contentsOfFile: plan, encoding: .utf8)
            let before = Fingerprint(of: fixture.store)
            let edits = [
                ("web-1", "web-2", Int32(4), "its hash is not that of its content"),
                ("\"plan\"", "\"plans\"", 64, "is no plan"),
            ]
            for (old, new, code, fragment) in edits {
                try text.replacingOccurrences(of: old, with: new).write(toFile: plan, atomically: true, encoding: .utf8)
                let run = try await fixture.run(["swap", "--plan", plan])
                #expect(run.code == code && run.errors.contains(fragment), "\(run.transcript)")
            }
            #expect(Fingerprint(of: fixture.store).differences(to: before).isEmpty)
        }
    }
}

/// Ways that several tests go.
enum Journeys {
    /// Swaps the original and gives the swap's id.
    static func swap(_ fixture: Fixture, _ arguments: [String] = []) async throws -> String {
        let run = try await fixture.run(["swap", "web-1", "--output", "jsonl"] + arguments)
        guard run.code == 0, let id = SwapLine.lines(of: run.output).last?.swap else { throw Failed(run.transcript) }
        return id
    }

    /// Swaps the original and brings it back.
    static func swapThenUndo(_ fixture: Fixture) async throws -> String {
        let id = try await swap(fixture)
        let undo = try await fixture.run(["undo", id])
        guard undo.code == 0 else { throw Failed(undo.transcript) }
        return id
    }
}
