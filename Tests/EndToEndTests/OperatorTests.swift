import Foundation
import Testing

/// One process drives; others watch and pull the levers.
@Suite(.serialized, .enabled(if: Tools.areInstalled, "missing: \(Tools.missing)"))
struct OperatorTests {
    /// Within this time a driver takes up what another process asked for.
    static let reactionLimitMilliseconds = 200

    @Test func leversFromOtherProcesses() async throws {
        try await Fixture.with(alone: true, policy: Policy(approval: "ask", bake: "60s")) { fixture in
            let driver = try fixture.changeover(["swap", "web-1", "--wait", "--output", "jsonl"])
            let swap = try await fixture.line(of: driver) { $0.state == "preflight" }.swap
            let watcher = try fixture.changeover(["watch", swap, "--output", "jsonl"])
            for (state, levers) in [
                ("patching", ["pause", "resume"]), ("awaitingApproval", ["pause", "resume", "approve"]),
                ("baking", ["pause", "resume", "rollback"]),
            ] {
                // What the watcher shows is what we go by: it is live.
                _ = try await fixture.line(of: watcher) { $0.state == state }
                for lever in levers {
                    let run = try await fixture.run([lever, swap, "--comment", "by the test"])
                    #expect(run.code == 0, "\(run.transcript)")
                    let status = try await fixture.status(swap)
                    #expect(status.isPaused == (lever == "pause"))
                    #expect(status.driver?.processID == driver.process || lever == "rollback", "the driver drives on")
                }
            }
            #expect(try await driver.end() == 2, "\(driver.transcript)")
            #expect(try await watcher.end(within: .seconds(10)) == 2, "\(watcher.transcript)")
            #expect(try await fixture.status(swap).state == "rolledBack")
            #expect(try fixture.serving() == [fixture.originalAddress])
            let driven = SwapLine.lines(of: driver.output).compactMap(\.sequence)
            let watched = SwapLine.lines(of: watcher.output).compactMap(\.sequence)
            #expect(watched.suffix(driven.count) == driven[...], "the watcher saw what the driver did")

            let reactions = try await Store.reactions(fixture)
            print("reactions (ms): " + reactions.map { "\($0.command) \($0.milliseconds)" }.joined(separator: ", "))
            #expect(reactions.count == 8)
            #expect(reactions.allSatisfy { 0...Self.reactionLimitMilliseconds ~= $0.milliseconds })
        }
    }

    @Test func pausedWithoutWaitingEndsTheDriver() async throws {
        try await Fixture.with { fixture in
            let driver = try fixture.changeover(["swap", "web-1", "--output", "jsonl"])
            let swap = try await fixture.line(of: driver) { $0.state == "patching" }.swap
            #expect(try await fixture.run(["pause", swap]).code == 0)
            #expect(try await driver.end() == 5)
            #expect(driver.output.contains("changeover resume \(swap)"), "\(driver.transcript)")
            #expect(try await fixture.run(["resume", "--due"]).code == 0)
            #expect(try await fixture.status(swap).isPaused, "--due leaves a paused swap alone")
            let resumed = try await fixture.run(["resume", swap])
            #expect(resumed.code == 0, "\(resumed.transcript)")
            try await Ending.expectSameEnd(fixture, swap: swap)
        }
    }

    @Test(arguments: [Program.Input.empty, .closed, .silent])
    func withoutTerminalItNeverAsks(_ input: Program.Input) async throws {
        try await Fixture.with(policy: Policy(approval: "ask")) { fixture in
            let driver = try fixture.changeover(["swap", "web-1"], input: input)
            #expect(try await driver.end() == 5, "\(driver.transcript)")
            let swap = try #require(try await fixture.swaps().first?.id)
            let status = try await fixture.status(swap)
            #expect(status.state == "awaitingApproval")
            let waited = Int64(Date().timeIntervalSince1970 * 1000) - status.updatedAtMilliseconds
            #expect(waited < 5000, "it stopped soon after it came to the checkpoint")
            #expect((driver.output + driver.errors).contains("changeover approve \(swap)"), "\(driver.transcript)")
            #expect(try fixture.serving() == [fixture.originalAddress])
            let approved = try await fixture.run(["approve", swap])
            #expect(approved.code == 0, "\(approved.transcript)")
            try await Ending.expectSameEnd(fixture, swap: swap)
        }
    }

    @Test(arguments: [("patching", SIGINT), ("promoting", SIGTERM), ("baking", SIGINT)])
    func interruptedItSaysHowToGoOn(_ state: String, _ number: Int32) async throws {
        try await Fixture.with { fixture in
            let driver = try fixture.changeover(["swap", "web-1", "--output", "jsonl"])
            let swap = try await fixture.line(of: driver) { $0.state == state }.swap
            driver.signal(number)
            #expect(try await driver.end(within: .seconds(10)) == 5, "\(driver.transcript)")
            #expect(driver.errors.contains("changeover resume \(swap)"), "\(driver.transcript)")
            let status = try await fixture.status(swap)
            #expect(!status.hasEnded && status.driver == nil)
            let resumed = try await fixture.run(["resume", swap])
            #expect(resumed.code == 0, "\(resumed.transcript)")
            try await Ending.expectSameEnd(fixture, swap: swap)
        }
    }

    @Test func detachedItGoesOnAlone() async throws {
        try await Fixture.with(policy: Policy(bake: "2s")) { fixture in
            let starter = try fixture.changeover(["swap", "web-1", "--detach", "--output", "json"])
            #expect(try await starter.end(within: .seconds(10)) == 0, "\(starter.transcript)")
            let swap = try #require(try await fixture.swaps().first?.id)
            let watcher = try fixture.changeover(["watch", swap, "--output", "jsonl"])
            _ = try await fixture.line(of: watcher) { $0.state == "patching" }
            let process = try #require(try await fixture.status(swap).driver?.processID)
            let words = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            // Terminating it must work as for any other process.
            #expect(words.contains("SigBlk:\t0000000000000000"), "it ignores signals: \(words)")
            #expect(try await watcher.end() == 0, "\(watcher.transcript)")
            try await Ending.expectSameEnd(fixture, swap: swap)
            try await eventually("the runner has ended", within: .seconds(10)) { kill(process, 0) != 0 }
        }
    }

    /// At a terminal it asks, shows the comparison, and does what is answered.
    @Test(arguments: [("y", Int32(0)), ("r", 2), ("l", 5)])
    func atATerminalItAsks(_ answer: String, _ code: Int32) async throws {
        try await Fixture.with(policy: Policy(approval: "ask")) { fixture in
            let terminal = try fixture.start([
                "python3", "-c", Self.terminalScript, answer, Tools.changeover, "swap", "web-1", "--config",
                fixture.folder + "/changeover.yaml",
            ])
            #expect(try await terminal.end() == code, "\(terminal.transcript)")
            #expect(terminal.output.contains("demo-tls"), "the comparison is shown: \(terminal.transcript)")
            let state = ["y": "holding", "r": "rolledBack", "l": "awaitingApproval"][answer]
            let swap = try #require(try await fixture.swaps().first?.id)
            #expect(try await fixture.status(swap).state == state)
        }
    }

    /// Runs a program on a terminal of its own and answers its question.
    private static let terminalScript = """
        import os, pty, sys
        process, terminal = pty.fork()
        if process == 0:
            os.environ["TERM"] = "xterm"
            os.execv(sys.argv[2], sys.argv[2:])
        seen, answered = b"", False
        while True:
            try: part = os.read(terminal, 4096)
            except OSError: break
            if not part: break
            seen += part
            if b"[l]eave it waiting:" in seen and not answered:
                answered = True
                os.write(terminal, sys.argv[1].encode() + b"\\n")
        sys.stdout.write(seen.decode(errors="replace"))
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
        """
}
