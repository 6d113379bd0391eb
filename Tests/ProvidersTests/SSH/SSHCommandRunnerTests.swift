import Foundation
import Testing
import Workflow

@testable import Providers

@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .enabled(if: SSHFixture.isInstalled, "needs openssh-server and openssh-client"))
struct SSHCommandRunnerTests {
    private func withServer(_ body: (SSHFixture) async throws -> Void) async throws {
        try await SSHFixture.with(SSHFixture.Special(), body)
    }

    @Test func runsCommandsOverOneConnection() async throws {
        try await withServer { server in
            let runner = server.runner()
            let result = try await runner.run(Command(["sh", "-c", "echo out; echo err >&2; exit 3"]))
            #expect(result.exitCode == 3)
            #expect(result.output == "out\n")
            #expect(result.errorOutput == "err\n")
            #expect(!result.isTruncated)
            for code in [0, 1, 124, 127, 254, 255] {
                #expect(try await runner.run(Command(["sh", "-c", "exit \(code)"])).exitCode == Int32(code))
            }
            #expect(try await runner.run(Command(["sh", "-c", "kill -9 $$"])).exitCode == 137)
            #expect(server.logins == 1)
            await server.connections.close()
            #expect(try await runner.run(Command(["true"])).exitCode == 0)
            #expect(server.logins == 2)
        }
    }

    @Test func passesArgumentsInputAndVariablesUntouched() async throws {
        try await withServer { server in
            let runner = server.runner()
            let awkward = [
                "$(touch /tmp/x)", "a b", "; exit 9", "`id`", "'\"\\", "*", "", "-n", "ä\u{1F600}", "a\nb\n", "!x",
                "e\u{301}'\u{301}", "~", "#", "%h %%", "A=b", "\t", "''", "\\n",
            ]
            let result = try await runner.run(Command(["printf", "%s\\0"] + awkward))
            #expect(result.output == awkward.map { "\($0)\0" }.joined())
            let input = String(repeating: "0123456789\n", count: 50_000)
            let echoed = try await runner.run(
                Command(
                    ["sh", "-c", "cat; printf %s \"$WORD\""], environment: ["WORD": "w 'x' $HOME\n\"é"], input: input))
            #expect(echoed.output == input + "w 'x' $HOME\n\"é")
            #expect(try await runner.run(Command(["cat"])).output.isEmpty)
        }
    }

    @Test func streamsLinesWhileTheCommandRuns() async throws {
        try await withServer { server in
            let runner = server.runner()
            let lines = Collected()
            let go = "\(server.folder)/go"
            // The command goes on only once its first line was seen.
            let script = "echo one; echo two >&2; until [ -e '\(go)' ]; do sleep 0.02; done; printf three"
            let task = Task {
                try await runner.run(Command(["sh", "-c", script])) { lines.add("\($0.isError ? "!" : "")\($0.text)") }
            }
            try await eventually("the first lines") { Set(lines.all) == ["one", "!two"] }
            try Data().write(to: URL(fileURLWithPath: go))
            #expect(try await task.value.output == "one\nthree")
            #expect(lines.all.last == "three")
        }
    }

    @Test func cutsOutputAtTheLimitAndGoesOnReading() async throws {
        try await withServer { server in
            let runner = server.runner()
            let script = "yes | head -c 10000000; yes e | head -c 10000 >&2; exit 7"
            let result = try await runner.run(Command(["sh", "-c", script], outputLimitBytes: 1000))
            #expect(result.output == String(repeating: "y\n", count: 500))
            #expect(result.errorOutput == String(repeating: "e\n", count: 500))
            #expect(result.isTruncated)
            #expect(result.exitCode == 7)
            let whole = try await runner.run(Command(["sh", "-c", "printf 123"], outputLimitBytes: 3))
            #expect(whole.output == "123")
            #expect(!whole.isTruncated)
            #expect(try await runner.run(Command(["printf", "1234"], outputLimitBytes: 3)).isTruncated)
        }
    }

    @Test func killsTheRemoteGroupOnTimeout() async throws {
        try await withServer { server in
            let mark = "86399.\(UInt32.random(in: 1...UInt32.max))"
            let command = Command(
                ["sh", "-c", "trap '' TERM; sleep \(mark) & sleep \(mark)"], timeout: .milliseconds(1500))
            let result = try await server.runner().run(command)
            #expect(result.termination == .timedOut)
            try await expectGone(mark)
        }
    }

    @Test func killsTheRemoteGroupOnCancellation() async throws {
        try await withServer { server in
            let mark = "86399.\(UInt32.random(in: 1...UInt32.max))"
            let runner = server.runner()
            let lines = Collected()
            let task = Task {
                try await runner.run(Command(["sh", "-c", "sleep \(mark) & echo up; wait"], timeout: .minutes(5))) {
                    lines.add($0.text)
                }
            }
            try await eventually("started") { lines.all == ["up"] }
            task.cancel()
            let error = await #expect(throws: CommandError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            try await expectGone(mark)
        }
    }

    /// The shells whose arguments name the mark count too.
    private func expectGone(_ mark: String) async throws {
        try await eventually("all gone") {
            try await ControllerCommandRunner().run(Command(["pgrep", "-f", "sleep \(mark)"])).exitCode == 1
        }
    }

    @Test func saysWhyAHostCannotBeReached() async throws {
        try await withServer { server in
            let changed = await failure(server.runner(known: "known-wrong"))
            #expect(changed?.code == .unreachable)
            #expect(changed?.detail.contains("another one than the known one") == true)
            let unknown = await failure(server.runner(known: "known-none"))
            #expect(unknown?.code == .unreachable)
            #expect(unknown?.detail.contains("host key is not known") == true)
            let stranger = await failure(server.runner(key: "stranger"))
            #expect(stranger?.code == .unreachable)
            #expect(stranger?.detail.contains("refuses the user \(server.user) or the key") == true)
            #expect(server.logins == 0)
            let free = try SSHFixture.freePort()
            let closed = await failure(server.runner(port: free))
            #expect(closed?.code == .unreachable)
            #expect(closed?.detail.contains("nothing listens") == true)
        }
    }

    @Test(arguments: ["-oProxyCommand=touch /tmp/changeover-owned", "", "a b", "u@h", "$(id)"])
    func refusesImpossibleHosts(_ host: String) async throws {
        let error = await failure(Self.runner(host: host, SSHSettings(user: "nobody")))
        #expect(error?.code == .unreachable)
        #expect(error?.detail.contains("cannot be the name of a host") == true)
    }

    private static func runner(host: String, _ settings: SSHSettings) -> SSHCommandRunner {
        SSHCommandRunner(
            host: host, instance: InstanceID("i-1"), provider: ProviderName("test"), settings: settings,
            connections: SSHConnections(controlFolders: [], keysFolder: "/nonexistent"), console: { "" })
    }

    @Test func tellsABrokenConnectionFromTheCommandsOwnEnd() async throws {
        try await withServer { server in
            let lines = Collected()
            let runner = server.runner()
            let task = Task { () -> CommandError? in
                do throws(CommandError) {
                    _ = try await runner.run(Command(["sh", "-c", "echo up; cat /dev/zero > /dev/null"])) {
                        lines.add($0.text)
                    }
                    return nil
                } catch {
                    return error
                }
            }
            try await eventually("started") { lines.all == ["up"] }
            try await server.breakConnections()
            #expect(await task.value?.code == .unreachable)
            // The next command makes a new connection.
            #expect(try await runner.run(Command(["true"])).exitCode == 0)
            try await server.stopServer()
            #expect(await failure(runner)?.code == .unreachable)
            _ = try await ControllerCommandRunner().run(Command(["pkill", "-f", "cat /dev/zero"]))
        }
    }

    @Test func namesProgramsThatCannotBeRun() async throws {
        try await withServer { server in
            let runner = server.runner()
            #expect(await failure(runner, Command(["no-such-program-x"]))?.code == .notFound)
            #expect(await failure(runner, Command(["/etc/passwd"]))?.code == .notPermitted)
            #expect(await failure(runner, Command([]))?.code == .notFound)
            #expect(await failure(runner, Command(["A=b"]))?.code == .notFound)
            #expect(await failure(runner, Command(["true"], environment: ["A B": "c"]))?.code == .notFound)
            // Builtins of the shell are no programs.
            for builtin in ["eval", "exit"] {
                let error = await failure(runner, Command([builtin, "echo gotcha"]))
                let result = error == nil ? try await runner.run(Command([builtin, "echo gotcha"])) : nil
                #expect(error?.code == .notFound || result?.exitCode == 127)
                #expect(result?.output.contains("gotcha") != true)
            }
        }
    }

    @Test func aHangingConnectionIsUnreachableAndNoTimeout() async throws {
        // A server that accepts and says nothing.
        let listener = try FileHandleListener()
        let runner = Self.runner(host: "127.0.0.1", SSHSettings(user: "nobody", port: listener.port))
        let error = await failure(runner, Command(["true"], timeout: .milliseconds(300)))
        #expect(error?.code == .unreachable)
        #expect(error?.detail.contains("no connection within") == true)
    }

    @Test func worksWithoutSharingWhereThePathIsTooLong() async throws {
        try await withServer { server in
            let long = "\(server.folder)/\(String(repeating: "long", count: 20))"
            let alone = SSHConnections(controlFolders: [long], keysFolder: "\(server.folder)/k")
            let runner = server.runner(in: alone)
            for text in ["a", "b"] {
                let result = try await runner.run(Command(["echo", text]))
                #expect(result.output == "\(text)\n")
            }
            #expect(server.logins == 2)
            #expect(!FileManager.default.fileExists(atPath: long))
        }
    }

    @Test func quotingRoundTripsThroughARealShell() async throws {
        let texts = ["", "'", "''", "a'b", "\\", "$x", "\n", "e\u{301}", "'\u{301}"]
        let line = "printf '%s\\0' " + RemoteCommandLine.joined(texts)
        let result = try await ControllerCommandRunner().run(Command(["sh", "-c", line]))
        #expect(result.output == texts.map { "\($0)\0" }.joined())
        #expect(RemoteCommandLine.quoted("it's") == "'it'\\''s'")
    }
}

/// A socket that listens and never answers.
private final class FileHandleListener: Sendable {
    let port: Int
    private let descriptor: OwnedDescriptor

    init() throws {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        descriptor = OwnedDescriptor(taking: number)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, "127.0.0.1", &name.sin_addr)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(number, pointer, length) == 0 && getsockname(number, pointer, &length) == 0
            }
        }
        guard isListening, listen(number, 8) == 0 else { throw SystemFailure(doing: "listen") }
        port = Int(UInt16(bigEndian: name.sin_port))
    }
}
