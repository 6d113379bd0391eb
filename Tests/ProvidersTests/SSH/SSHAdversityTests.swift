import Foundation
import Testing
import Workflow

@testable import Providers

/// Shells, ways and connections that fail, against real servers.
@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .enabled(if: SSHFixture.isInstalled, "needs openssh-server and openssh-client"))
struct SSHAdversityTests {
    // MARK: Shells

    @Test func aHangingShellIsBoundedAndRunsNothingLater() async throws {
        let special = SSHFixture.Special(lines: "ForceCommand sh FOLDER/rc")
        try await SSHFixture.with(special) { server in
            try server.write(
                "until [ -e '\(server.folder)/go' ]; do sleep 0.05; done\nsh -c \"$SSH_ORIGINAL_COMMAND\"\n"
                    + "echo $? >> '\(server.folder)/done'\n",
                to: "rc")
            let runner = server.runner()
            let began = ContinuousClock.now
            let touch = Command(["touch", "\(server.folder)/ran"], timeout: .seconds(2))
            let error = try #require(await failure(runner, touch))
            #expect(began.duration(to: .now) < .seconds(20))
            #expect(error.code == .unreachable)
            #expect(error.detail.contains("is logged in, but the login shell began nothing within 2s"), "\(error)")
            // The shell goes on, but nobody waits for the command any more.
            try server.write("", to: "go")
            try await eventually("the shell has gone on") {
                FileManager.default.fileExists(atPath: "\(server.folder)/done")
            }
            #expect(!FileManager.default.fileExists(atPath: "\(server.folder)/ran"))
            #expect(try await runner.run(touch).exitCode == 0)
            #expect(server.logins == 1)
        }
    }

    @Test func aShellThatRunsNothingIsNamed() async throws {
        let special = SSHFixture.Special(lines: "ForceCommand echo 'This account is not available.'; exit 1")
        try await SSHFixture.with(special) { server in
            let error = try #require(await failure(server.runner()))
            #expect(error.code == .notPermitted)
            #expect(error.detail.contains("runs no commands: This account is not available., exit code 1"), "\(error)")
        }
    }

    @Test func whatStartupFilesPrintIsNotTheCommands() async throws {
        let special = SSHFixture.Special(lines: "ForceCommand sh FOLDER/rc")
        try await SSHFixture.with(special) { server in
            let noise = "printf 'welcome\\nto'; printf 'mind\\nthe gap' >&2; exec sh -c \"$SSH_ORIGINAL_COMMAND\"\n"
            try server.write(noise, to: "rc")
            let lines = Collected()
            let result = try await server.runner().run(Command(["sh", "-c", "printf a; printf b >&2; exit 255"])) {
                lines.add($0.text)
            }
            #expect(result.output == "a" && result.errorOutput == "b" && result.exitCode == 255)
            #expect(Set(lines.all) == ["a", "b"])
        }
    }

    @Test func sudoThatIsMissingIsNamed() async throws {
        let special = SSHFixture.Special(lines: "SetEnv PATH=FOLDER/bin")
        try await SSHFixture.with(special) { server in
            try FileManager.default.createDirectory(
                atPath: "\(server.folder)/bin", withIntermediateDirectories: true)
            for name in ["sh", "timeout", "env", "echo"] {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(server.folder)/bin/\(name)", withDestinationPath: "/usr/bin/\(name)")
            }
            let runner = server.runner { $0.usesSudo = true }
            let error = try #require(await failure(runner))
            #expect(error.code == .notFound)
            #expect(error.detail.contains("there is no sudo"), "\(error)")
            try FileManager.default.removeItem(atPath: "\(server.folder)/bin/timeout")
            #expect(await failure(server.runner())?.detail.contains("GNU coreutils") == true)
        }
    }

    @Test func sudoThatAsksIsNamed() async throws {
        // Stands in for the real one, which the tests in containers use.
        let special = SSHFixture.Special(lines: "SetEnv PATH=FOLDER/bin:/usr/bin:/bin")
        try await SSHFixture.with(special) { server in
            try FileManager.default.createDirectory(
                atPath: "\(server.folder)/bin", withIntermediateDirectories: true)
            try server.write(
                "#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n", to: "bin/sudo", mode: 0o755)
            let runner = server.runner { $0.usesSudo = true }
            let error = try #require(await failure(runner, Command(["touch", "\(server.folder)/ran"])))
            #expect(error.code == .notPermitted)
            #expect(error.detail.contains("sudo: a password is required. Allow it there by"), "\(error)")
            try server.write("#!/bin/sh\nsleep 5\n", to: "bin/sudo", mode: 0o755)
            let slow = try #require(await failure(runner, Command(["true"], timeout: .seconds(1))))
            #expect(slow.code == .unreachable)
            #expect(slow.detail.contains("sudo began nothing within 1s"), "\(slow)")
            try server.write("#!/bin/sh\nshift 2\nexec \"$@\"\n", to: "bin/sudo", mode: 0o755)
            #expect(try await runner.run(Command(["echo", "a"])).output == "a\n")
            #expect(!FileManager.default.fileExists(atPath: "\(server.folder)/ran"))
        }
    }

    // MARK: Logging in

    @Test func whoIsRefusedIsNamed() async throws {
        try await SSHFixture.with(SSHFixture.Special()) { server in
            let user = await failure(server.runner { $0.user = "nobody-here" })
            #expect(user?.code == .unreachable)
            #expect(user?.detail.contains("nobody-here") == true)
            try server.write(
                try String(contentsOfFile: "\(server.folder)/user", encoding: .utf8), to: "open", mode: 0o644)
            let open = await failure(server.runner(key: "open"))
            #expect(open?.detail.contains("may be read by others") == true, "\(String(describing: open))")
            _ = try await SSHFixture.run([
                "ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", "\(server.folder)/locked",
            ])
            let locked = await failure(server.runner(key: "locked"))
            #expect(locked?.code == .unreachable)
            #expect(server.logins == 0)
        }
    }

    @Test func whatTheServerDoesNotWantIsNamed() async throws {
        try await SSHFixture.with(SSHFixture.Special(lines: "MaxAuthTries 1")) { server in
            let error = await failure(server.runner(key: "stranger"))
            #expect(error?.detail.contains("refuses after too many keys") == true, "\(String(describing: error))")
            // A name that no DNS has (RFC 6761).
            let unknown = await failure(server.runner(host: "no-such-host.invalid"))
            #expect(unknown?.code == .unreachable)
            #expect(unknown?.detail.contains("its name is not known") == true, "\(String(describing: unknown))")
        }
    }

    // MARK: Jump hosts

    @Test func commandsGoThroughAJumpHost() async throws {
        try await SSHFixture.with(SSHFixture.Special()) { server in
            let jump = "\(server.user)@127.0.0.1:\(server.port)"
            let runner = server.runner { $0.jumpHost = jump }
            #expect(try await runner.run(Command(["echo", "a"])).output == "a\n")
            #expect(try await runner.run(Command(["echo", "b"])).output == "b\n")
            #expect(server.logins == 2)
            let two = server.runner { $0.jumpHost = "\(jump),\(jump)" }
            #expect(try await two.run(Command(["echo", "c"])).output == "c\n")
            #expect(server.logins == 5)
            let names = try FileManager.default.contentsOfDirectory(atPath: "\(server.folder)/c")
            #expect(!names.contains { $0.hasPrefix("log-") })
            // A timeout ends the command, and neither the connection nor the jump host's.
            let slow = try await runner.run(Command(["sleep", "30"], timeout: .seconds(1)))
            #expect(slow.termination == .timedOut)
            #expect(try await runner.run(Command(["echo", "d"])).output == "d\n")
            #expect(server.logins == 5)
        }
    }

    @Test func aJumpHostThatFailsIsToldFromTheInstance() async throws {
        try await SSHFixture.with(SSHFixture.Special()) { server in
            let jump = "\(server.user)@127.0.0.1:\(server.port)"
            let free = try SSHFixture.freePort()
            let closed = await failure(server.runner { $0.jumpHost = "127.0.0.1:\(free)" })
            #expect(closed?.detail.contains("the jump host 127.0.0.1 cannot be passed: nothing listens") == true)
            let wrong = await failure(server.runner { $0.jumpHost = "nobody-here@127.0.0.1:\(server.port)" })
            #expect(wrong?.detail.contains("cannot be passed: it refuses the user nobody-here") == true)
            let second = await failure(server.runner { $0.jumpHost = "\(jump),localhost:\(free)" })
            #expect(second?.detail.contains("the jump host localhost cannot be passed") == true)
            let instance = await failure(server.runner(port: free) { $0.jumpHost = jump })
            #expect(instance?.detail.contains("127.0.0.1, through the jump host 127.0.0.1: nothing listens") == true)
            let nonsense = await failure(server.runner { $0.jumpHost = "a;b" })
            #expect(nonsense?.detail.contains("cannot be read") == true)
            for error in [closed, wrong, second, instance, nonsense] {
                #expect(error?.code == .unreachable)
                print("SSH: \(error?.detail ?? "no error")")
            }
        }
    }

    // MARK: Much, and many

    @Test func twentyCommandsAtOnceUseOneConnection() async throws {
        try await SSHFixture.with(SSHFixture.Special()) { server in
            let runner = server.runner()
            let codes = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<20 { group.addTask { try await runner.run(Command(["echo", "\(number)"])).output } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(codes == Set((0..<20).map { "\($0)\n" }))
            #expect(server.logins == 1)
        }
    }

    @Test func manyCommandsShareTheFailureToConnect() async throws {
        try await SSHFixture.with(SSHFixture.Special()) { server in
            let runner = server.runner(key: "stranger")
            let failures = await withTaskGroup(of: CommandError?.self) { group in
                for _ in 0..<20 { group.addTask { await failure(runner) } }
                return await group.reduce(into: [CommandError?]()) { $0.append($1) }
            }
            #expect(failures.count == 20 && failures.allSatisfy { $0?.code == .unreachable })
            // Eight at a time ask, and share the answer.
            #expect(server.log.components(separatedBy: "Connection from").count - 1 <= 3)
        }
    }

    @Test func outputThatIsNoTextIsRepaired() async throws {
        try await SSHFixture.with(SSHFixture.Special()) { server in
            let script = "printf 'a\\377\\376\\000b\\r\\n\\200'; printf '\\303\\r\\n\\377' >&2; exit 255"
            let result = try await server.runner().run(Command(["sh", "-c", script]))
            #expect(result.exitCode == 255)
            #expect(result.output == "a\u{FFFD}\u{FFFD}\0b\r\n\u{FFFD}")
            #expect(result.errorOutput == "\u{FFFD}\r\n\u{FFFD}")
        }
    }

    @Test func aHundredMegabytesAreCutAtTheLimit() async throws {
        try await SSHFixture.with(SSHFixture.Special()) { server in
            let before = try Self.residentBytes()
            let command = Command(
                ["head", "-c", "100000000", "/dev/zero"], timeout: .minutes(2), outputLimitBytes: 1 << 16)
            let result = try await server.runner().run(command)
            #expect(result.exitCode == 0 && result.isTruncated)
            #expect(result.output.utf8.count == 1 << 16)
            let grown = try Self.residentBytes() - before
            print("SSH: 100 MB read, \(grown / 1024) KiB more memory")
            #expect(grown < 50_000_000)
        }
    }

    private static func residentBytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (Int(status.split(separator: " ")[1]) ?? 0) * 4096
    }

    @Test func aConnectionThatDiedIsReplaced() async throws {
        try await SSHFixture.with(SSHFixture.Special()) { server in
            let runner = server.runner()
            #expect(try await runner.run(Command(["true"])).exitCode == 0)
            // The process that holds it, as if the machine had run out of memory.
            _ = try await SSHFixture.run(["pkill", "-KILL", "-f", "ssh .*\(server.folder)/c"])
            #expect(try await runner.run(Command(["echo", "a"])).output == "a\n")
            #expect(server.logins == 2)
        }
    }

    @Test func foldersOfOthersAreNotUsed() async throws {
        try await SSHFixture.with(SSHFixture.Special()) { server in
            let open = "\(server.folder)/open"
            try FileManager.default.createDirectory(
                atPath: open, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o777])
            try FileManager.default.createSymbolicLink(atPath: "\(server.folder)/link", withDestinationPath: open)
            let connections = SSHConnections(
                controlFolders: ["\(server.folder)/link", open], keysFolder: "\(server.folder)/k")
            let socket = try #require(connections.socket("x"))
            #expect(socket == "\(open)/x")
            let mode = try FileManager.default.attributesOfItem(atPath: open)[.posixPermissions] as? Int
            #expect(mode == 0o700)
        }
    }
}
