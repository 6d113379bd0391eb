import LXDClient
import TestSupport
import Testing
import Workflow

@testable import Providers

@Suite(
    "Commands by LXD's exec, on a real server", .serialized, .timeLimit(.minutes(5)),
    .enabled(if: RealLXD.isThere, Comment(rawValue: RealLXD.absence)))
struct LXDCommandRunnerLiveTests {
    private func failure(_ runner: LXDCommandRunner, _ command: Command) async -> CommandError? {
        do throws(CommandError) {
            _ = try await runner.run(command)
            return nil
        } catch {
            return error
        }
    }

    @Test("Codes, streams, arguments, variables, input and surroundings")
    func contract() async throws {
        try await ExecLab.withInstance { lab in
            try await codes(lab.runner)
            try await texts(lab.runner)
            try await surroundings(lab.runner)
            try await amounts(lab.runner)
            try await problems(lab.runner)
        }
    }

    private func codes(_ runner: LXDCommandRunner) async throws {
        let result = try await runner.run(Command(["sh", "-c", "echo out; printf err >&2; exit 3"]))
        #expect(result == CommandResult(termination: .exited(3), output: "out\n", errorOutput: "err"))
        for code in [0, 1, 124, 125, 126, 127, 137, 143, 255] {
            #expect(try await runner.run(Command(["sh", "-c", "exit \(code)"])).exitCode == Int32(code))
        }
        #expect(try await runner.run(Command(["sh", "-c", "kill -9 $$"])).exitCode == 137)
        #expect(try await runner.run(Command(["sh", "-c", "kill -15 $$"])).exitCode == 143)
    }

    private func texts(_ runner: LXDCommandRunner) async throws {
        let awkward = [
            "$(touch /tmp/x)", "a b", "; exit 9", "`id`", "'\"\\", "*", "", "-n", "ä\u{1F600}", "a\nb\n", "!x",
            "e\u{301}'\u{301}", "~", "#", "%h %%", "A=b", "\t", "''", "\\n", String(repeating: "x", count: 100_000),
        ]
        let printed = try await runner.run(Command(["printf", "%s\\0"] + awkward))
        #expect(printed.output == awkward.map { "\($0)\0" }.joined())
        let input = String(repeating: "0123456789\n", count: 100_000)
        let variables = ["WORD": "w 'x' $HOME\n\"é", "m": "1", "n": "2", "LC_ALL": "C"]
        let echoed = try await runner.run(
            Command(
                ["sh", "-c", "cat; printf %s \"$WORD$m$n\""], environment: variables, input: input,
                outputLimitBytes: 2 << 20))
        #expect(echoed.output == input + "w 'x' $HOME\n\"é12")
        #expect(try await runner.run(Command(["cat"])).output.isEmpty)
        // What is not read is no failure.
        #expect(try await runner.run(Command(["true"], input: input)).exitCode == 0)
        let bytes = try await runner.run(Command(["printf", "\\377\\000a"]))
        #expect(bytes.output == "\u{FFFD}\0a")
    }

    private func surroundings(_ runner: LXDCommandRunner) async throws {
        let said = try await runner.run(Command(["sh", "-c", "id -u; pwd; echo $PATH; grep SigIgn /proc/self/status"]))
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        let words = said.output.split(whereSeparator: \.isWhitespace).map(String.init)
        #expect(words.prefix(4) == ["0", "/", path, "SigIgn:"])
        // Of the standard signals none is ignored; of the others, whatever whoever started the daemon has had ignored.
        let ignored = try #require(words.last.flatMap { UInt64($0, radix: 16) })
        #expect(ignored & 0x7fff_ffff == 0)
        // The fourth is the folder that ls reads.
        #expect(try await runner.run(Command(["ls", "/proc/self/fd"])).output == "0\n1\n2\n3\n")
        // A process group of its own.
        let group = try await runner.run(Command(["sh", "-c", "read -r stat </proc/self/stat; echo $stat"]))
        #expect(group.output.split(separator: " ").dropFirst(4).first.flatMap { Int($0) } ?? 0 > 1)
        let left = try await runner.run(
            Command(["find", "/tmp", "/run", "/root", "/var/tmp", "-name", "*changeover*"]))
        #expect(left.output.isEmpty)
    }

    private func amounts(_ runner: LXDCommandRunner) async throws {
        let lines = Collected()
        let counted = try await runner.run(Command(["seq", "1", "1000"])) { lines.add($0.text) }
        #expect(counted.exitCode == 0 && lines.all == (1...1000).map(String.init))
        let script = "yes | head -c 100000000; yes e | head -c 10000 >&2; exit 7"
        let result = try await runner.run(Command(["sh", "-c", script], timeout: .minutes(2), outputLimitBytes: 1000))
        #expect(result.output == String(repeating: "y\n", count: 500))
        #expect(result.errorOutput == String(repeating: "e\n", count: 500))
        #expect(result.isTruncated && result.exitCode == 7)
        #expect(try await !runner.run(Command(["printf", "123"], outputLimitBytes: 3)).isTruncated)
    }

    private func problems(_ runner: LXDCommandRunner) async throws {
        #expect(await failure(runner, Command(["no-such-program-x"]))?.code == .notFound)
        #expect(await failure(runner, Command(["/no/such/program"]))?.code == .notFound)
        #expect(await failure(runner, Command(["/etc/passwd"]))?.code == .notPermitted)
        #expect(await failure(runner, Command(["/etc"]))?.code == .notPermitted)
        for builtin in ["eval", "exit"] {
            let result = try await runner.run(Command([builtin, "echo gotcha"]))
            #expect(result.exitCode == 127 && !result.output.contains("gotcha"))
        }
    }

    @Test("Lines come while the command runs; what it leaves behind is not waited for")
    func liveness() async throws {
        try await ExecLab.withInstance { lab in
            let runner = lab.runner
            let lines = Collected()
            // The command goes on only once its first lines were seen.
            let script = "echo one; echo two >&2; until [ -e /srv/go ]; do sleep 0.02; done; printf three"
            let task = Task {
                try await runner.run(Command(["sh", "-c", script])) { lines.add("\($0.isError ? "!" : "")\($0.text)") }
            }
            try await eventually("the first lines") { Set(lines.all) == ["one", "!two"] }
            #expect(try await runner.run(Command(["touch", "/srv/go"])).exitCode == 0)
            #expect(try await task.value.output == "one\nthree")
            #expect(lines.all.last == "three")
            let start = lab.clock.monotonicMilliseconds()
            let result = try await runner.run(Command(["sh", "-c", "sleep 20 & echo done; echo $! >/srv/left"]))
            #expect(result == CommandResult(termination: .exited(0), output: "done\n", errorOutput: ""))
            #expect(lab.clock.monotonicMilliseconds() - start < 10_000)
            let ended = try await runner.run(Command(["sh", "-c", "kill \"$(cat /srv/left)\""]))
            #expect(ended == CommandResult(termination: .exited(0), output: "", errorOutput: ""))
        }
    }

    @Test("At the deadline, and when it is cancelled, the whole group is killed")
    func killing() async throws {
        try await ExecLab.withInstance { lab in
            let runner = lab.runner
            let mark = "86399.\(UInt32.random(in: 1...UInt32.max))"
            let stubborn = Command(
                ["sh", "-c", "trap '' TERM; sleep \(mark) & echo up; sleep \(mark)"], timeout: .milliseconds(1500))
            let result = try await runner.run(stubborn)
            #expect(result.termination == .timedOut && result.output == "up\n")
            try await lab.expectGone(mark)
            // The leader ends by the signal; the grandchild does not hear it.
            let orphan = "86399.\(UInt32.random(in: 1...UInt32.max))"
            let script = "(trap '' TERM; sleep \(orphan)) & sleep \(orphan)"
            #expect(try await runner.run(Command(["sh", "-c", script], timeout: .seconds(1))).termination == .timedOut)
            try await lab.expectGone(orphan)
            let lines = Collected()
            let cancelled = "86399.\(UInt32.random(in: 1...UInt32.max))"
            let task = Task {
                try await runner.run(Command(["sh", "-c", "sleep \(cancelled) & echo up; wait"], timeout: .minutes(5)))
                {
                    lines.add($0.text)
                }
            }
            try await eventually("started") { lines.all == ["up"] }
            task.cancel()
            let error = await #expect(throws: CommandError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            try await lab.expectGone(cancelled)
        }
    }

    @Test("Instances that are stopped, frozen, deleted or stop in the middle cannot be reached")
    func absence() async throws {
        try await ExecLab.withInstance { lab in
            let runner = lab.runner
            let lines = Collected()
            let task = Task { () -> CommandError? in
                do throws(CommandError) {
                    _ = try await runner.run(Command(["sh", "-c", "echo up; sleep 1000"], timeout: .minutes(5))) {
                        lines.add($0.text)
                    }
                    return nil
                } catch {
                    return error
                }
            }
            try await eventually("started") { lines.all == ["up"] }
            try await lab.state("freeze")
            #expect(await failure(runner, Command(["true"], timeout: .seconds(3)))?.code == .unreachable)
            try await lab.state("unfreeze")
            try await lab.state("stop")
            #expect(await task.value?.code == .unreachable)
            #expect(await failure(runner, Command(["true"]))?.code == .unreachable)
        }
        try await ExecLab.withInstance { lab in
            let stranger = LXDCommandRunner(client: lab.client, instance: "run-nobody", clock: lab.clock)
            #expect(await failure(stranger, Command(["true"]))?.code == .unreachable)
        }
    }
}
