import LXDClient
import TestSupport
import Testing
import Workflow

@testable import Providers

@Suite("How far the first boot of an LXD instance has come")
struct LXDFirstBootTests {
    private let id = InstanceID("web-1")

    private func machine(_ method: String?, status: String = "Running") -> FakeMachine {
        var machine = FakeMachine.original()
        machine.status = status
        machine.config["user." + LXDProperty.firstBootTag] = method
        return machine
    }

    private func report(_ status: String, _ detail: String = "x") -> String {
        "{\"status\":\"\(status)\",\"detail\":\"\(detail)\",\"bootId\":\"b\"}"
    }

    @Test("Nothing to follow has finished; one that is down is under way, one that is gone is not there")
    func states() async throws {
        let runner = AnsweringRunner { _ in .success("") }
        for method in [nil, "none", "odd"] {
            #expect(try await provider(FakeLXD([machine(method)]), runner: runner).firstBoot(of: id) == .finished)
        }
        let down = FakeLXD([machine("unit", status: "Stopped")])
        #expect(try await provider(down, runner: runner).firstBoot(of: id) == .running(detail: "web-1 is stopped"))
        #expect(runner.commands.withLock { $0.isEmpty })
        let error = await #expect(throws: ProviderError.self) { try await provider(FakeLXD([])).firstBoot(of: id) }
        #expect(error?.code == .instanceNotFound && error?.isRetryable == false)
    }

    @Test(
        "What the report and systemd say",
        arguments: [
            ("running", "unit active", FirstBootStatus.running(detail: "x")), ("finished", "unit inactive", .finished),
            ("failed", "unit failed", .failed(reason: "x")),
            ("running", "unit failed\nfree 12", .failed(reason: "x was broken off: the disk is full")),
            (
                "running", "unit failed\nfree 900000",
                .failed(reason: "x was broken off; see the end of the first-boot log")
            ),
            ("", "unit failed\nfree 0", .failed(reason: "first boot could not begin: the disk is full")),
            ("", "unit active", .running(detail: "first boot has not begun")),
        ])
    func answers(_ status: String, _ rest: String, _ wanted: FirstBootStatus) async throws {
        let output = (status.isEmpty ? "" : report(status)) + "\n\(rest)\n"
        let runner = AnsweringRunner { _ in .success(output) }
        let cloud = provider(FakeLXD([machine("unit")]), runner: runner)
        #expect(try await cloud.firstBoot(of: id) == wanted)
    }

    @Test("The look waits for the report to differ from the last one, in one constant script")
    func arguments() async throws {
        let output = report("running", "one")
        let runner = AnsweringRunner { _ in .success(output + "\ncloud-init running\n") }
        let cloud = provider(FakeLXD([machine("cloud-init")]), runner: runner)
        for _ in 0..<2 { #expect(try await cloud.firstBoot(of: id) == .running(detail: "one")) }
        let commands = runner.commands.withLock { $0 }
        #expect(commands.map { $0.arguments[4] } == ["", output])
        #expect(
            Set(commands.map { $0.arguments[2] }).count == 1 && commands.allSatisfy { $0.arguments[5] == "cloud-init" })
    }

    @Test("The script reads what it is told to, here on this machine, and does not wait for what differs")
    func script() async throws {
        let runner = ControllerCommandRunner()
        let outputs = LockedValue<[String]>([])
        let passing = AnsweringRunner { _ in .success("") }
        _ = try await provider(FakeLXD([machine("unit")]), runner: passing).firstBoot(of: id)
        var command = try #require(passing.commands.withLock { $0.first })
        command.arguments[4] = "something else"
        let result = try await runner.run(command)
        outputs.withLock { $0.append(result.output) }
        #expect(result.exitCode == 0, "\(result.errorOutput)")
        let free = result.output.split(separator: "\n").first { $0.hasPrefix("free ") }
        #expect(free.flatMap { Int($0.dropFirst(5)) } ?? 0 > 0, "\(result.output)")
        #expect(result.output.contains("\nunit "))
    }

    @Test("An instance that cannot be asked, as in its reboot, is under way")
    func unreachable() async throws {
        let runner = AnsweringRunner { _ in .failure(CommandError(.unreachable, detail: "it is rebooting")) }
        let cloud = provider(FakeLXD([machine("unit")]), runner: runner)
        #expect(try await cloud.firstBoot(of: id) == .running(detail: "it is rebooting"))
    }

    @Test("Console and log grow at the end only, and what is new comes once")
    func console() async throws {
        let fake = FakeLXD([machine("unit", status: "Stopped")])
        let cloud = provider(fake)
        func show(_ console: String?, _ log: String?) async throws -> String {
            fake.world.withLock { world in
                world.texts["instances/web-1/console"] = console
                world.machines["web-1"]?.files[LXDFirstBootUnit.logPath] = log.map { Array($0.utf8) }
            }
            return try await cloud.consoleOutput(of: id)
        }
        #expect(try await show(nil, nil).isEmpty)
        #expect(try await show("boot\r", "a\n") == "boota\n")
        #expect(try await show("boot\r\nlogin", "a\nb\n") == "boota\n\nloginb\n")
        // An instance that was started again has a new console.
        #expect(try await show("again\n", "a\nb\n") == "boota\n\nloginb\nagain\n")
        #expect(try await show(nil, nil) == "boota\n\nloginb\nagain\n")
        let long = String(repeating: "0123456789\n", count: 40_000)
        let newest = try await show("again\n", "a\nb\n" + long)
        #expect(newest.utf8.count <= 256 * 1024 && newest.hasPrefix("0123456789\n") && newest.hasSuffix("9\n"))
    }

    @Test("Lines end as lines do, however the console ends them; what overwrites a line stays")
    func lineEnds() {
        var console = LXDConsole()
        let first = console.adding(console: "a\r\nb\r\r\n50%\r", log: "")
        #expect(first.utf8.elementsEqual("a\nb\n50%".utf8))
        let later = console.adding(console: "a\r\nb\r\r\n50%\r99%\r\n", log: "c\r\n")
        #expect(later.utf8.elementsEqual("a\nb\n50%\r99%\nc\n".utf8))
    }

    @Test("A console that cannot be had does not hide the log")
    func noConsole() async throws {
        let fake = FakeLXD([machine("cloud-init")]) { world in
            world.failures["text instances/web-1/console"] = LXDError(.failed, request: "GET", detail: "no such file")
            world.machines["web-1"]?.files["/var/log/cloud-init-output.log"] = Array("log\n".utf8)
        }
        #expect(try await provider(fake).consoleOutput(of: id) == "log\n")
    }
}
