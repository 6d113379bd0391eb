import Foundation
import Glibc
import Testing
import Workflow

@testable import Providers

@Suite struct ControllerCommandRunnerTests {
    private let runner = ControllerCommandRunner()

    @Test func returnsOutputAndExitCode() async throws {
        let result = try await runner.run(Command(["sh", "-c", "echo out; echo err >&2; exit 3"]))
        #expect(result.exitCode == 3)
        #expect(result.output == "out\n")
        #expect(result.errorOutput == "err\n")
        #expect(!result.isTruncated)
    }

    @Test func reportsTheSignalThatEndedACommand() async throws {
        let result = try await runner.run(Command(["sh", "-c", "kill -9 $$"]))
        #expect(result.termination == .signalled(SIGKILL))
    }

    @Test func streamsAThousandLinesInOrder() async throws {
        let lines = Collected()
        _ = try await runner.run(Command(["seq", "1", "1000"])) { lines.add($0.text) }
        #expect(lines.all == (1...1000).map(String.init))
    }

    @Test func handsOnTheLastLineWithoutLineFeed() async throws {
        let lines = Collected()
        _ = try await runner.run(Command(["printf", "a\nb"])) { lines.add($0.text) }
        #expect(lines.all == ["a", "b"])
    }

    @Test(arguments: ["$(touch /tmp/x)", "a b", "; exit 9", "`id`", "'\"\\", "*", "", "-n", "ä\u{1F600}", "a\nb"])
    func passesAwkwardArgumentsUntouched(argument: String) async throws {
        let result = try await runner.run(Command(["printf", "%s", argument]))
        #expect(result.output == argument)
    }

    @Test func passesInputAndVariables() async throws {
        let input = String(repeating: "0123456789\n", count: 50_000)
        let command = Command(["sh", "-c", "cat; echo $WORD"], environment: ["WORD": "w"], input: input)
        let result = try await runner.run(command)
        #expect(result.output == input + "w\n")
    }

    @Test func ignoresInputThatTheCommandDoesNotRead() async throws {
        let result = try await runner.run(Command(["true"], input: String(repeating: "x", count: 1 << 20)))
        #expect(result.exitCode == 0)
    }

    @Test func cutsOutputAtTheLimitAndGoesOnReading() async throws {
        let result = try await runner.run(
            Command(["sh", "-c", "yes | head -c 5000000; exit 7"], outputLimitBytes: 1000))
        #expect(result.output.utf8.count == 1000)
        #expect(result.isTruncated)
        #expect(result.exitCode == 7)
    }

    @Test func killsTheWholeGroupOnTimeout() async throws {
        let mark = "86399.\(UInt32.random(in: 1...UInt32.max))"
        let command = Command(
            ["sh", "-c", "trap '' TERM; sleep \(mark) & sleep \(mark)"], timeout: .milliseconds(200))
        let result = try await runner.run(command)
        #expect(result.termination == .timedOut)
        try await eventually("all gone") {
            try await runner.run(Command(["pgrep", "-f", "^sleep \(mark)"])).exitCode == 1
        }
    }

    @Test func killsTheWholeGroupOnCancellation() async throws {
        let mark = "86399.\(UInt32.random(in: 1...UInt32.max))"
        let started = Collected()
        let task = Task {
            try await runner.run(Command(["sh", "-c", "sleep \(mark) & echo up; wait"], timeout: .seconds(100))) {
                started.add($0.text)
            }
        }
        try await eventually("started") { !started.all.isEmpty }
        task.cancel()
        let error = await #expect(throws: CommandError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        try await eventually("all gone") {
            try await runner.run(Command(["pgrep", "-f", "^sleep \(mark)"])).exitCode == 1
        }
    }

    @Test func doesNotWaitForBackgroundProcessesThatKeepThePipes() async throws {
        let result = try await runner.run(Command(["sh", "-c", "sleep 60 & echo $!"]))
        let left = try #require(pid_t(result.output.dropLast()))
        // It still runs, so nobody has waited for its end.
        #expect(kill(left, SIGKILL) == 0)
    }

    @Test func leadsItsOwnGroupAndInheritsNoDescriptors() async throws {
        let leak = open("/dev/null", O_RDONLY)
        defer { close(leak) }
        // The fourth is the folder that ls reads.
        #expect(try await runner.run(Command(["ls", "/proc/self/fd"])).output == "0\n1\n2\n3\n")
        let group = try await runner.run(Command(["sh", "-c", "ps -o pgid= -p $$; echo $$"]))
        let words = group.output.split(whereSeparator: \.isWhitespace)
        #expect(words.count == 2 && words[0] == words[1])
    }

    @Test func hidesVariablesThatAreNotHarmless() async throws {
        setenv("CHANGEOVER_TEST_SECRET", "s3cret", 1)
        let result = try await ControllerCommandRunner().run(Command(["env"]))
        #expect(!result.output.contains("s3cret"))
        #expect(result.output.contains("PATH="))
    }

    @Test func namesWhatCannotBeRun() async throws {
        let missing = await #expect(throws: CommandError.self) { try await runner.run(Command(["no-such-program-x"])) }
        #expect(missing?.code == .notFound)
        let refused = await #expect(throws: CommandError.self) { try await runner.run(Command(["/etc/passwd"])) }
        #expect(refused?.code == .notPermitted)
        let empty = await #expect(throws: CommandError.self) { try await runner.run(Command([])) }
        #expect(empty?.code == .notFound)
        let zero = await #expect(throws: CommandError.self) { try await runner.run(Command(["echo", "a\0b"])) }
        #expect(zero?.code == .notPermitted)
    }

    @Test func runsManyCommandsAtOnce() async throws {
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<100 { group.addTask { try await runner.run(Command(["echo", "\(number)"])).output } }
            var seen: Set<String> = []
            for try await output in group { seen.insert(output) }
            #expect(seen.count == 100)
        }
    }
}

/// Lines seen by a callback.
final class Collected: Sendable {
    private let lock = NSLock()
    nonisolated(unsafe) private var lines: [String] = []

    var all: [String] { lock.withLock { lines } }
    func add(_ line: String) { lock.withLock { lines.append(line) } }
}
