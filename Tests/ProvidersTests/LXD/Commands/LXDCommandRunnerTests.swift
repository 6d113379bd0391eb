import LXDClient
import TestSupport
import Testing
import Workflow

@testable import Providers

@Suite("Commands by LXD's exec, on a scripted server", .timeLimit(.minutes(5)))
struct LXDCommandRunnerTests {
    private let server = ExecDouble()
    private let clock = ManualClock()
    private var runner: LXDCommandRunner { LXDCommandRunner(client: server, instance: "web", clock: clock) }

    /// Starts a command and waits until the script could have been read.
    private func start(
        _ command: Command = Command(["work"]), _ lines: Collected = Collected()
    ) async throws -> Task<Result<CommandResult, CommandError>, Never> {
        let runner = runner
        let task = Task { () -> Result<CommandResult, CommandError> in
            do throws(CommandError) {
                return .success(try await runner.run(command) { lines.add("\($0.isError ? "!" : "")\($0.text)") })
            } catch {
                return .failure(error)
            }
        }
        try await eventually("the input's end") { server.input.sent.last?.isText == true }
        return task
    }

    private func failure(_ result: Result<CommandResult, CommandError>) -> CommandError? {
        if case .failure(let error) = result { error } else { nil }
    }

    @Test("The request passes arguments and variables as they are, and input ends by a text message")
    func request() async throws {
        let input = String(repeating: "0123456789", count: 10_000)
        let command = Command(
            ["work", "a b", ""], environment: ["WORD": "'x'"], input: input, timeout: .milliseconds(1500))
        let task = try await start(command)
        server.finish(0)
        #expect(try await task.value.get().exitCode == 0)
        #expect(server.body["environment"] == .texts(["WORD": "'x'"]))
        #expect(server.body["user"] == .integer(0) && server.body["cwd"] == .text("/"))
        #expect(server.body["wait-for-websocket"] == .boolean(true) && server.body["interactive"] == .boolean(false))
        guard case .list(let arguments) = server.body["command"] else { throw Failure() }
        #expect(arguments.suffix(4) == [.text("3"), .text("work"), .text("a b"), .text("")])
        #expect(!arguments.contains { if case .text(let text) = $0 { text.contains("WORD") } else { true } })
        #expect(server.input.sent.map(\.text).joined() == input)
        #expect(server.input.sent.map(\.isText) == [false, false, false, false, true])
        for socket in [server.input, server.output, server.errorOutput, server.control] { #expect(socket.isClosed) }
    }

    private struct Failure: Error {}

    @Test("Lines over several messages are joined, repaired and told apart from the reports")
    func lines() async throws {
        let lines = Collected()
        let task = try await start(Command(["work"], outputLimitBytes: 1000), lines)
        server.report("started")
        server.output.add("ab")
        server.output.add("c\nd")
        try await eventually("the first line") { lines.all == ["abc"] }
        server.output.add([0xFF, 0x65])
        server.output.add("")
        // Standard error without a line feed, then a report in three pieces.
        let report = Array("oops\(server.marker) ended 7\n".utf8)
        server.errorOutput.add(Array(report[..<10]))
        server.errorOutput.add(Array(report[10..<20]))
        server.errorOutput.add(Array(report[20...]))
        server.errorOutput.add("")
        server.end(.success(ExecDouble.operation(7)))
        let result = try await task.value.get()
        #expect(result == CommandResult(termination: .exited(7), output: "abc\nd\u{FFFD}e", errorOutput: "oops"))
        #expect(Set(lines.all) == ["abc", "d\u{FFFD}e", "!oops"])
    }

    @Test("Output beyond the limit is dropped and read all the same")
    func limit() async throws {
        let task = try await start(Command(["work"], outputLimitBytes: 5))
        server.report("started")
        for _ in 0..<100 { server.output.add("123") }
        server.errorOutput.add("12345")
        server.finish(0)
        let result = try await task.value.get()
        #expect(result.output == "12312" && result.errorOutput == "12345" && result.isTruncated)
    }

    @Test(
        "What cannot be run is told from a command's own exit code",
        arguments: [("missing", CommandError.Code.notFound), ("refused", .notPermitted), ("bare", .notFound)])
    func problems(_ word: String, _ code: CommandError.Code) async throws {
        let task = try await start()
        server.report("started")
        server.report(word)
        server.output.add("")
        server.errorOutput.add("")
        server.end(.success(ExecDouble.operation(127)))
        #expect(failure(await task.value)?.code == code)
    }

    @Test func aCommandsOwnCode127IsItsResult() async throws {
        let task = try await start()
        server.report("started")
        server.finish(127)
        #expect(try await task.value.get().exitCode == 127)
    }

    @Test(
        "A server that refuses the exec cannot be reached by commands",
        arguments: [LXDError.Code.notFound, .invalidRequest, .unavailable, .noServer, .forbidden, .failed])
    func refusals(_ code: LXDError.Code) async {
        server.refuse(ExecDouble.error(code))
        let error = await #expect(throws: CommandError.self) { try await runner.run(Command(["work"])) }
        #expect(error?.code == .unreachable)
        #expect(error?.detail.contains("web") == true && error?.detail.contains("said no") == true)
    }

    @Test("Programs and arguments that cannot be passed on are not sent")
    func impossible() async {
        let long = String(repeating: "x", count: 131_072)
        for (command, code) in [
            (Command([]), .notFound), (Command(["A=b"]), .notFound), (Command(["echo", "a\0b"]), .notPermitted),
            (Command(["echo", long]), .notPermitted), (Command(["true"], environment: ["A": "\0"]), .notPermitted),
        ] as [(Command, CommandError.Code)] {
            let error = await #expect(throws: CommandError.self) { try await runner.run(command) }
            #expect(error?.code == code)
        }
        #expect(server.body.isEmpty)
    }

    @Test("A lost connection is no result and gives no secret away")
    func lost() async throws {
        let task = try await start()
        server.report("started")
        server.output.add("half")
        let gone = ExecDouble.error(.unavailable)
        server.output.fail(gone)
        server.errorOutput.fail(gone)
        server.end(.failure(gone))
        let error = failure(await task.value)
        #expect(error?.code == .unreachable)
        #expect(error?.detail.contains("secret") == false)
    }

    @Test func outputThatIsCutOffIsNoResult() async throws {
        let task = try await start()
        server.report("started")
        server.output.hangUp()
        server.report("ended 0")
        server.errorOutput.add("")
        server.end(.failure(ExecDouble.error(.notFound)))
        #expect(failure(await task.value)?.code == .unreachable)
    }

    @Test("A shell that was ended from outside is no result")
    func endedFromOutside() async throws {
        let task = try await start()
        server.report("started")
        server.output.add("")
        server.errorOutput.add("")
        server.end(.success(ExecDouble.operation(137)))
        let error = failure(await task.value)
        #expect(error?.code == .unreachable)
        #expect(error?.detail.contains("137") == true)
    }

    @Test func anInstanceWithoutShell() async throws {
        let task = try await start()
        server.output.add("")
        server.errorOutput.add("")
        server.end(.success(ExecDouble.operation(127)))
        #expect(failure(await task.value)?.code == .notFound)
    }

    @Test("At the deadline the group is ended by signal, and what was printed is kept")
    func timeout() async throws {
        let (server, lines) = (server, Collected())
        server.control.onSend {
            server.output.add("late")
            server.output.add("")
            server.errorOutput.add("")
            server.end(.success(ExecDouble.operation(143)))
        }
        let task = try await start(Command(["work"], timeout: .seconds(5)), lines)
        server.report("started")
        server.output.add("early\n")
        server.errorOutput.add("heard\n")
        try await eventually("both lines") { lines.all.count == 2 }
        clock.advance(by: .seconds(5))
        let result = try await task.value.get()
        #expect(result.termination == .timedOut)
        #expect(result.output == "early\nlate" && result.errorOutput == "heard\n")
        #expect(server.control.sent == [.init(text: #"{"command":"signal","signal":15}"#, isText: true)])
    }

    @Test("Nobody waits for ever for a group that does not end")
    func stubborn() async throws {
        let lines = Collected()
        let task = try await start(Command(["work"], timeout: .seconds(5)), lines)
        server.report("started")
        server.errorOutput.add("up\n")
        try await eventually("started") { lines.all == ["!up"] }
        clock.advance(by: .seconds(5))
        try await eventually("told to end") { !server.control.sent.isEmpty }
        try await clock.waitForSleepers(1)
        clock.advanceToNextSleeper()
        #expect(try await task.value.get().termination == .timedOut)
    }

    @Test func aCommandThatNeverStartsIsUnreachable() async throws {
        let task = try await start(Command(["work"], timeout: .seconds(5)))
        clock.advance(by: .seconds(5))
        try await eventually("told to end") { !server.control.sent.isEmpty }
        try await clock.waitForSleepers(1)
        clock.advanceToNextSleeper()
        let error = failure(await task.value)
        #expect(error?.code == .unreachable)
        #expect(error?.detail.contains("5s") == true)
    }

    @Test("Cancelling ends the group before it returns")
    func cancellation() async throws {
        let server = server
        server.control.onSend {
            server.output.add("")
            server.errorOutput.add("")
            server.end(.success(ExecDouble.operation(143)))
        }
        let task = try await start()
        task.cancel()
        #expect(failure(await task.value)?.code == .cancelled)
        #expect(server.control.sent.count == 1 && server.control.isClosed)
    }

    @Test("What a command leaves behind with its streams is not waited for")
    func background() async throws {
        let task = try await start(Command(["work"], timeout: .minutes(5)))
        server.report("started")
        server.output.add("done\n")
        server.report("ended 0")
        // The deadline and the time for what is left.
        try await clock.waitForSleepers(2)
        clock.advance(by: LXDExecCourse.drainTime)
        let result = try await task.value.get()
        #expect(result == CommandResult(termination: .exited(0), output: "done\n", errorOutput: ""))
    }
}

@Suite("Reports in a stream")
struct MarkerFilterTests {
    private let marker = "\u{1E}mark"

    private func filtered(_ pieces: [String]) -> (own: String, reports: [LXDExecReport]) {
        var filter = MarkerFilter(marker: marker)
        var own: [UInt8] = []
        var reports: [LXDExecReport] = []
        for piece in pieces { reports += filter.take(Array(piece.utf8)) { own += $0 } }
        filter.finish { own += $0 }
        return (String(decoding: own, as: UTF8.self), reports)
    }

    @Test("However the stream is cut, the same comes out")
    func cuts() {
        let text = "a\u{1E}b\(marker) started\nx\(marker) ended 12\ny\(marker) ended x\n\u{1E}ma"
        let expected = "a\u{1E}bxy\(marker) ended x\n\u{1E}ma"
        let characters = Array(text)
        for first in 0...characters.count {
            for second in first...characters.count {
                let pieces = [characters[..<first], characters[first..<second], characters[second...]].map {
                    String($0)
                }
                let (own, reports) = filtered(pieces)
                #expect(own == expected && reports == [.started, .ended(12)], "cut at \(first) and \(second)")
            }
        }
    }

    @Test("What never ends is no report and not held for ever")
    func endless() {
        let text = marker + String(repeating: "x", count: 300)
        let (own, reports) = filtered([text, text])
        #expect(own == text + text && reports.isEmpty)
    }
}
