import CurlTransport
import Foundation
import Testing
import Workflow

@testable import Traffic

/// Runs programs on this machine, as simply as the tests need.
private struct LocalRunner: CommandRunner {
    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        let process = Process()
        let (input, output, error) = (Pipe(), Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: command.arguments[0])
        process.arguments = Array(command.arguments.dropFirst())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = error
        signal(SIGPIPE, SIG_IGN)
        do {
            try process.run()
        } catch {
            throw CommandError(.notFound, detail: "no program \(command.arguments[0])")
        }
        // A program may end without reading what it is given.
        try? input.fileHandleForWriting.write(contentsOf: Data(command.input.utf8))
        try? input.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let errorText = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return CommandResult(
            termination: .exited(process.terminationStatus), output: text, errorOutput: errorText,
            isTruncated: text.utf8.count > command.outputLimitBytes)
    }
}

@Suite struct CommandRouterTests {
    private func router(_ script: String) -> CommandRouter {
        CommandRouter(route: route(script), runner: LocalRunner())
    }

    private func route(_ script: String) -> CommandRoute {
        CommandRoute(name: "edge", command: ["/bin/sh", "-c", script, "edge"], timeout: .seconds(10))
    }

    @Test func membersAreDecoded() async throws {
        let script = """
            test "$1" = members && grep -qx '{"action":"members","route":"edge"}' || exit 9
            echo '[{"name":"a","address":"10.0.0.1","status":"inService","openSessions":2},'
            echo ' {"name":"b","address":"10.0.0.2","status":"draining"}]'
            """
        let expected = [
            TrafficMember(name: "a", address: "10.0.0.1", status: .inService, openSessions: 2),
            TrafficMember(name: "b", address: "10.0.0.2", status: .draining, openSessions: nil),
        ]
        #expect(try await router(script).members() == expected)
        let observer = CommandObserver(route: route(script), runner: LocalRunner())
        #expect(try await observer.members() == expected)
        #expect(observer.slot == "command:edge" && observer.name == RouterName("command:edge"))
    }

    @Test(arguments: [
        "", "{}", "null", "[1]", "[{\\\"name\\\":\\\"a\\\"}]",
        #"[{\"name\":\"a\",\"address\":\"b\",\"status\":\"up\"}]"#,
        #"[{\"name\":\"a\",\"address\":\"b\",\"status\":\"inService\",\"weight\":1}]"#,
        #"[{\"name\":\"a\",\"address\":\"b\",\"status\":\"inService\",\"openSessions\":-1}]"#,
        #"[] []"#,
    ]) func anythingElseIsMalformed(_ output: String) async throws {
        let error = await thrown { _ = try await router("printf '%s' \"\(output)\"").members() }
        #expect(error?.code == .malformedAnswer)
    }

    @Test func tooMuchOutputIsMalformed() async throws {
        let error = await thrown { _ = try await router("head -c 2000000 /dev/zero | tr '\\0' ' '").members() }
        #expect(error?.code == .malformedAnswer)
    }

    @Test(arguments: [TrafficChange.Action.register, .drain, .remove, .restore])
    func changesArePassedOn(_ action: TrafficChange.Action) async throws {
        let line = #"{"action":"\#(action.rawValue)","address":"10.0.0.7","instance":"i-1","route":"edge"}"#
        let script = "test \"$1\" = \(action.rawValue) && grep -qx '\(line)'"
        try await router(script).apply(TrafficChange(action, instance: InstanceID("i-1"), address: "10.0.0.7"))
    }

    @Test func refusalsCarryTheLastLine() async throws {
        let change = TrafficChange(.drain, instance: InstanceID("i-1"), address: nil)
        let error = await thrown {
            try await router("echo first >&2; printf 'not \\033 now\\n\\n' >&2; exit 3").apply(change)
        }
        #expect(error?.code == .refused)
        #expect(error?.detail == "`drain` exited with 3: not ? now")
        let long = await thrown { try await router("head -c 9000 /dev/zero | tr '\\0' x >&2; exit 1").apply(change) }
        #expect((long?.detail.count ?? 9999) < 400)
        let reading = await thrown { _ = try await router("exit 1").members() }
        #expect(reading?.code == .unavailable)
    }

    @Test func missingProgramsAreTold() async throws {
        let route = CommandRoute(name: "edge", command: ["/nowhere/edge"], timeout: .seconds(1))
        let error = await thrown { _ = try await CommandRouter(route: route, runner: LocalRunner()).members() }
        #expect(error?.code == .notFound)
        let empty = CommandRoute(name: "edge", command: [], timeout: .seconds(1))
        let none = await thrown { _ = try await CommandRouter(route: empty, runner: LocalRunner()).members() }
        #expect(none?.code == .invalidRequest)
    }

    @Test func factoryMakesTheAdapterOfTheRoute() async throws {
        let transport = try CurlTransport()
        let factory = TrafficRouterFactory(transport: transport, runner: LocalRunner(), aws: nil, lxd: nil)
        let haproxy = TrafficRoute.haproxy(HAProxyRoute(socket: "/nowhere", backend: "web", port: 80))
        #expect(try factory.router(for: haproxy) is HAProxyRouter)
        #expect(try factory.observer(for: haproxy) is HAProxyObserver)
        #expect(try factory.router(for: .command(route("true"))) is CommandRouter)
        #expect(try factory.observer(for: .command(route("true"))) is CommandObserver)
        let group = TrafficRoute.targetGroup(TargetGroupRoute(arn: "arn:aws:elasticloadbalancing:::targetgroup/web/1"))
        let refusal = await thrown { _ = try factory.router(for: group) }
        #expect(refusal?.code == .invalidRequest)
        let volume = TrafficRoute.lxdVolume(LXDVolumeRoute(pool: "default", volume: "data"))
        let foreign = await thrown { _ = try factory.observer(for: volume) }
        #expect(foreign?.code == .invalidRequest)
        #expect(foreign?.detail.contains("kind lxd") == true)
        await transport.shutdown()
    }
}
