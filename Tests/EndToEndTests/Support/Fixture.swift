import Foundation
import Synchronization
import Testing

@testable import Providers

/// One instance of the local provider behind a real HAProxy, in a folder of its own.
final class Fixture: Sendable {
    let folder: String
    /// The port on which HAProxy serves.
    let port: Int
    private let programs = Mutex<[Program]>([])
    private let started = Mutex<(id: String, address: String)>(("", ""))

    var store: String { folder + "/.changeover" }
    var instancesFolder: String { store + "/local/instances" }
    var socket: String { folder + "/haproxy.sock" }
    var original: String { started.withLock { $0.id } }
    var originalAddress: String { started.withLock { $0.address } }

    /// Prepares a fixture, runs `body`, and leaves nothing behind whatever comes of it.
    ///
    /// - Parameter alone: no other fixture works meanwhile, for what is timed.
    static func with<Result: Sendable>(
        alone: Bool = false, policy: Policy = Policy(), _ body: @Sendable (Fixture) async throws -> Result
    ) async throws -> Result {
        try await Turnstile.shared.pass(alone ? .all : policy.image == .bare ? .one : .several) {
            let fixture = try Fixture()
            do {
                try await fixture.prepare(policy)
                let result = try await body(fixture)
                await fixture.end()
                return result
            } catch {
                let story = await fixture.story()
                await fixture.end()
                Issue.record("\(error)\n\(story)")
                throw error
            }
        }
    }

    /// The blocks of addresses of the fixtures that live: the local provider keeps no address for a stopped instance, so
    /// that one of another root in the same block may get it.
    private static let blocks = Mutex<Set<UInt64>>([])

    /// The block of addresses from which the local provider gives a fixture's first instances theirs.
    private static func block(of folder: String) -> UInt64 {
        LocalLayout.fingerprint(folder + "/.changeover/local") % 254
    }

    private static func folderWithOwnBlock() -> String {
        blocks.withLock { blocks in
            while true {
                let folder = "/tmp/chg-e2e-" + UUID().uuidString.prefix(8).lowercased()
                if blocks.insert(block(of: folder)).inserted { return folder }
            }
        }
    }

    private init() throws {
        folder = Self.folderWithOwnBlock()
        port = try Sockets.freePort()
        try FileManager.default.createDirectory(atPath: folder + "/runs", withIntermediateDirectories: true)
    }

    private func prepare(_ policy: Policy) async throws {
        try write(Texts.configuration(), to: "changeover.yaml")
        try write(policy.image == .bare ? Texts.quickCheck : Texts.check(), to: "healthchecks/web.yaml")
        try write(Texts.patched, to: "healthchecks/patched.yaml")
        try write(Texts.playbook(policy), to: "playbooks/default.yaml")
        try await DemoImage.shared.copy(policy.image, to: folder, environment: environment([:]))
        let launched = try await run([
            "local", "launch", "--image", "demo", "--name", "web-1", "--tag", "role=web", "--property",
            "repository=\(folder)/img/repository", "--property", "firstBootPatch=no", "--output", "json",
        ])
        guard launched.code == 0 else { throw Failed("no instance: \(launched.transcript)") }
        struct Launched: Decodable {
            var id: String
            var address: String
        }
        let instance = try JSONDecoder().decode(Launched.self, from: Data(launched.output.utf8))
        started.withLock { $0 = (instance.id, instance.address) }
        try await startHAProxy()
    }

    private func startHAProxy() async throws {
        try write(Texts.haproxy(folder: folder, port: port, address: originalAddress), to: "haproxy.cfg")
        let haproxy = try start(["haproxy", "-db", "-f", folder + "/haproxy.cfg"])
        try await eventually("HAProxy serves", else: { haproxy.transcript }) {
            (try? self.page())?.contains("web-1 ") == true
        }
    }

    // MARK: Programs

    func environment(_ more: [String: String]) -> [String: String] {
        var own = ["PATH": Tools.path, "HOME": folder, "LANG": "C.UTF-8", "USER": "tester"]
        // Swift's libraries are found where the tests found them.
        own["LD_LIBRARY_PATH"] = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"]
        return own.merging(more) { $1 }
    }

    /// Starts any program in the fixture's folder.
    func start(
        _ arguments: [String], environment more: [String: String] = [:], input: Program.Input = .empty,
        in place: String? = nil
    ) throws -> Program {
        try programs.withLock { programs in
            let program = try Program(
                arguments, in: place ?? folder, environment: environment(more),
                files: "\(folder)/runs/\(programs.count)", input: input)
            programs.append(program)
            return program
        }
    }

    /// Starts the program under test with the fixture's configuration.
    func changeover(
        _ arguments: [String], environment: [String: String] = [:], input: Program.Input = .empty
    ) throws -> Program {
        try start(
            [Tools.changeover] + arguments + ["--config", folder + "/changeover.yaml"], environment: environment,
            input: input)
    }

    struct Run: Sendable {
        var code: Int32
        var output: String
        var errors: String
        var transcript: String
    }

    /// Runs the program under test to its end.
    func run(
        _ arguments: [String], environment: [String: String] = [:], within limit: Duration = .seconds(60)
    ) async throws -> Run {
        let program = try changeover(arguments, environment: environment)
        let code = try await program.end(within: limit)
        return Run(code: code, output: program.output, errors: program.errors, transcript: program.transcript)
    }

    /// Runs a verb with `--output json` and decodes what it prints.
    func document<Value: Decodable>(_ type: Value.Type, _ arguments: [String]) async throws -> Value {
        let run = try await run(arguments + ["--output", "json"])
        guard run.code == 0 else { throw Failed("exit code \(run.code): \(run.transcript)") }
        return try JSONDecoder().decode(type, from: Data(run.output.utf8))
    }

    func status(_ id: String) async throws -> SwapStatus { try await document(SwapStatus.self, ["status", id]) }
    func swaps() async throws -> [SwapListing] { try await document([SwapListing].self, ["list"]) }
    func instances() async throws -> [InstanceListing] { try await document([InstanceListing].self, ["instances"]) }

    /// Runs a short Python program.
    func python(_ code: String, _ arguments: [String] = []) async throws -> String {
        let program = try start(["python3", "-c", code] + arguments)
        guard try await program.end() == 0 else { throw Failed(program.transcript) }
        return program.output
    }

    // MARK: Swaps

    /// Waits until a program that prints a swap's events has printed one that fits, and gives it.
    func line(
        of program: Program, within limit: Duration = .seconds(30), where fits: (SwapLine) -> Bool
    ) async throws -> SwapLine {
        var found: SwapLine?
        try await eventually("the awaited event", within: limit, else: { program.transcript }) {
            found = SwapLine.lines(of: program.output).first(where: fits)
            if found == nil, let code = program.exitCode {
                throw Failed("it ended with \(code)\n\(program.transcript)")
            }
            return found != nil
        }
        return try #require(found)
    }

    func write(_ text: String, to name: String) throws { try write(Data(text.utf8), to: name) }

    func write(_ data: Data, to name: String) throws {
        let file = URL(fileURLWithPath: folder).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
    }

    // MARK: Traffic

    /// What the service answers through HAProxy.
    func page() throws -> String {
        let answer = try Sockets.ask("127.0.0.1", port: port, "GET / HTTP/1.0\r\nHost: demo\r\n\r\n")
        guard answer.hasPrefix("HTTP/1.1 200") || answer.hasPrefix("HTTP/1.0 200") else { throw Failed(answer) }
        return answer
    }

    func haproxy(_ command: String) throws -> String { try Sockets.ask(unix: socket, command + "\n") }

    /// HAProxy's servers as it would save them, without what changes by itself: the seconds since the last change, and
    /// the status, result and state of its present check, which begins anew three times a second; and for a server in
    /// maintenance, which is not checked, what the last check that was under way left of its health.
    func servers() throws -> String {
        try haproxy("show servers state web").split(separator: "\n").map { line in
            var fields = line.split(separator: " ")
            guard fields.count > 14, fields[0] != "#" else { return String(line) }
            for volatile in [9, 10, 11, 13] { fields[volatile] = "-" }
            if fields[6] != "0" { fields[12] = "-" }
            return fields.joined(separator: " ")
        }.joined(separator: "\n")
    }

    /// Addresses of the servers that get traffic.
    func serving() throws -> [String] {
        try haproxy("show stat web 4 -1").split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count > 73, fields[17].hasPrefix("UP") else { return nil }
            return String(fields[73].prefix { $0 != ":" })
        }
    }

    /// Starts counting requests through HAProxy.
    func startLoad(rate: Int = 80) async throws -> Load {
        let report = "\(folder)/load-\(UUID().uuidString.prefix(4)).json"
        let program = try start([
            "python3", Tools.checkout + "/scripts/demo-client", "--url", "http://127.0.0.1:\(port)", "--report", report,
            "--rate", "\(rate)", "--kept", "2", "--fresh", "1", "--slow", "0",
        ])
        try await eventually("the load client counts", else: { program.transcript }) {
            FileManager.default.fileExists(atPath: report)
        }
        return Load(program: program, report: report)
    }

    struct Load: Sendable {
        let program: Program
        let report: String

        /// What it has counted so far.
        func soFar() throws -> LoadReport {
            try JSONDecoder().decode(LoadReport.self, from: Data(contentsOf: URL(fileURLWithPath: report)))
        }

        /// Stops the client and gives its count.
        func end() async throws -> LoadReport {
            program.signal(SIGTERM)
            _ = try await program.end(within: .seconds(20))
            return try JSONDecoder().decode(LoadReport.self, from: Data(contentsOf: URL(fileURLWithPath: report)))
        }
    }

    // MARK: The end

    /// What happened, for a failure's message.
    private func story() async -> String {
        let runs = programs.withLock { $0 }.suffix(6).map(\.transcript).joined(separator: "\n")
        let known = (try? await swaps()) ?? []
        var told = ""
        for swap in known.prefix(2) {
            told += ((try? await run(["explain", swap.id]))?.output ?? "") + "\n"
        }
        return "\(told)\(runs)\n\((try? servers()) ?? "HAProxy does not answer")"
    }

    private func end() async {
        for program in programs.withLock({ $0 }) {
            program.signal(SIGKILL)
            try? await eventually("it is gone", within: .seconds(5)) { program.exitCode != nil }
        }
        let left = await ProcessScan.end(folder)
        if !left.isEmpty { Issue.record("processes \(left) of \(folder) do not end") }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            if name.hasPrefix("mount-") { umount2("\(folder)/\(name)", Int32(MNT_DETACH)) }
        }
        try? FileManager.default.removeItem(atPath: folder)
        if FileManager.default.fileExists(atPath: folder) { Issue.record("\(folder) is left behind") }
        _ = Self.blocks.withLock { $0.remove(Self.block(of: folder)) }
    }
}
