import Foundation
import Synchronization
import Testing

/// One test's instances in the lab, and a folder from which the program under test works on them.
///
/// What is asserted is what LXD's own client, HAProxy, and the instances themselves say.
final class LXDWorld: Sendable {
    let folder = "/tmp/chg-lxw-" + UUID().uuidString.prefix(8).lowercased()
    /// The first three numbers of the instances' addresses.
    let network: String
    /// The port on which HAProxy serves.
    let port: Int
    private let programs = Mutex<[Program]>([])

    var store: String { folder + "/.changeover" }

    /// Makes a world whose repository has the updates `lab-site` 1.1, a security update, and `lab-tools` 1.1; runs
    /// `body`, and leaves neither instances nor volumes behind.
    static func with(
        alone: Bool = false, settings: LXDTexts.Settings = .init(), _ body: @Sendable (LXDWorld) async throws -> Void
    ) async throws {
        try await Turnstile.shared.pass(alone ? .all : .several) {
            let world = try LXDWorld()
            do {
                try await LXDLab.run("unpublish")
                try await world.publish("lab-site", "1.1", suite: "security")
                try await world.publish("lab-tools", "1.1")
                try world.configure(settings)
                try await body(world)
            } catch {
                Issue.record("\(error)\n\(await world.story())")
                await world.end()
                throw error
            }
            await world.end()
        }
    }

    private init() throws {
        network = try LXDLab.networkPrefix()
        port = try Sockets.freePort()
        try FileManager.default.createDirectory(atPath: folder + "/runs", withIntermediateDirectories: true)
    }

    /// Writes the configuration, the playbook and the checks.
    func configure(_ settings: LXDTexts.Settings) throws {
        try write(LXDTexts.configuration(settings), to: "changeover.yaml")
        try write(LXDTexts.playbook(settings), to: "playbooks/default.yaml")
        try write(LXDTexts.check(stableFor: settings.stableFor), to: "healthchecks/web.yaml")
        try write(Texts.patched, to: "healthchecks/patched.yaml")
    }

    func write(_ text: String, to name: String) throws {
        let file = URL(fileURLWithPath: folder).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    // MARK: Programs

    func start(_ arguments: [String], environment more: [String: String] = [:]) throws -> Program {
        try programs.withLock { programs in
            var variables = ["PATH": Tools.path, "HOME": folder, "LANG": "C.UTF-8", "USER": "tester"]
            // Swift's libraries are found where the tests found them.
            variables["LD_LIBRARY_PATH"] = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"]
            let program = try Program(
                arguments, in: folder, environment: variables.merging(more) { $1 },
                files: "\(folder)/runs/\(programs.count)")
            programs.append(program)
            return program
        }
    }

    /// Starts the program under test.
    func changeover(_ arguments: [String]) throws -> Program { try start([Tools.changeover] + arguments) }

    func run(_ arguments: [String], within limit: Duration = .seconds(120)) async throws -> Fixture.Run {
        let program = try changeover(arguments)
        let code = try await program.end(within: limit)
        return Fixture.Run(
            code: code, output: program.output, errors: program.errors, transcript: program.transcript)
    }

    func document<Value: Decodable>(_ type: Value.Type, _ arguments: [String]) async throws -> Value {
        let run = try await run(arguments + ["--output", "json"])
        guard run.code == 0 else { throw Failed("exit code \(run.code): \(run.transcript)") }
        return try JSONDecoder().decode(type, from: Data(run.output.utf8))
    }

    func swaps() async throws -> [SwapListing] { try await document([SwapListing].self, ["list"]) }

    func status(_ swap: String) async throws -> LXDSwapStatus {
        try await document(LXDSwapStatus.self, ["status", swap])
    }

    /// Swaps an instance to an end with this exit code, and gives the swap's status.
    func swap(_ instance: String, expecting code: Int32 = 0) async throws -> LXDSwapStatus {
        let run = try await run(["swap", instance, "--output", "json"])
        guard run.code == code else { throw Failed("exit code \(run.code) instead of \(code): \(run.transcript)") }
        return try await status(try CloudBench.swap(in: run.output))
    }

    /// Waits until a program that drives a swap says that it came to a state, and gives what it said.
    func line(
        of program: Program, within limit: Duration = .seconds(60), where fits: (SwapLine) -> Bool
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

    /// Everything that the evidence of a swap says, file after file.
    func evidence(_ status: LXDSwapStatus) throws -> String {
        try FileManager.default.contentsOfDirectory(atPath: status.evidence).sorted().map { name in
            "\(name):\n"
                + String(
                    decoding: FileManager.default.contents(atPath: "\(status.evidence)/\(name)") ?? Data(),
                    as: UTF8.self)
        }.joined(separator: "\n")
    }

    // MARK: LXD

    /// Runs LXD's own client.
    @discardableResult
    func lxc(_ arguments: [String], within limit: Duration = .seconds(60)) async throws -> String {
        let program = try start(["lxc"] + arguments, environment: LXDLab.variables)
        guard try await program.end(within: limit) == 0 else { throw Failed(program.transcript) }
        return program.output
    }

    /// Creates and starts an instance, and waits for its address; `more` are further arguments of `lxc init`.
    func launch(_ name: String, _ more: [String] = []) async throws {
        try await lxc(["init", "changeover-lab", name, "--config", "user.role=web"] + more)
        try await lxc(["start", name])
        try await address(of: name)
    }

    /// Waits for an instance's address.
    @discardableResult
    func address(of name: String) async throws -> String {
        var found: String?
        try await eventually("\(name) has an address") {
            found = try await look(name)?.addresses.first; return found != nil
        }
        return try #require(found)
    }

    /// What LXD has, by name.
    func look() async throws -> [String: LXDInstanceLook] {
        let text = try await lxc(["query", "/1.0/instances?recursion=2"])
        let instances = try JSONDecoder().decode([LXDInstanceLook].self, from: Data(text.utf8))
        return Dictionary(uniqueKeysWithValues: instances.map { ($0.name, $0) })
    }

    func look(_ name: String) async throws -> LXDInstanceLook? { try await look()[name] }

    /// The names of the instances that are in a state.
    func names(_ status: String) async throws -> [String] {
        try await look().values.filter { $0.status == status }.map(\.name).sorted()
    }

    /// Runs a command on an instance and gives what it prints.
    func exec(_ instance: String, _ command: String...) async throws -> String {
        try await lxc(["exec", "--mode=non-interactive", instance, "--"] + command)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What apt would install on an instance, by package lists read just now.
    func pending(_ instance: String) async throws -> [String] {
        _ = try await exec(instance, "apt-get", "-q", "-o", "APT::Update::Error-Mode=any", "update")
        return try await exec(instance, "apt-get", "-q", "-s", "dist-upgrade").split(separator: "\n")
            .filter { $0.hasPrefix("Inst ") }.map(String.init)
    }

    /// Adds a package to the lab's repository; `files` are its content, maintainer scripts among them.
    func publish(
        _ package: String, _ version: String, suite: String = "main", files: [String: String] = [:]
    ) async throws {
        var arguments = [package, version, suite]
        if !files.isEmpty {
            let tree = "packages/\(package)-\(version)"
            for (name, text) in files {
                try write(text, to: "\(tree)/\(name)")
                if name.hasPrefix("DEBIAN/") { chmod("\(folder)/\(tree)/\(name)", 0o755) }
            }
            arguments.append("\(folder)/\(tree)")
        }
        try await LXDLab.run("publish", arguments)
    }

    /// Starts what passes bytes between `relay.sock` and LXD's own socket, so that the connection can be lost.
    func startRelay() async throws -> Program {
        let relay = try start([
            "python3", Tools.checkout + "/Tests/EndToEndTests/LXD/relay.py", folder + "/relay.sock", LXDLab.socket,
        ])
        try await eventually("the relay listens", else: { relay.transcript }) { relay.output.contains("ready") }
        return relay
    }

    // MARK: Traffic

    /// Starts an HAProxy that sends everything to one address, or to several in turn.
    func startHAProxy(_ addresses: String...) async throws { try await startHAProxy(addresses) }

    /// Starts an HAProxy that sends everything to these addresses in turn.
    func startHAProxy(_ addresses: [String]) async throws {
        var text = Texts.haproxy(folder: folder, port: port, address: addresses[0])
        for (index, address) in addresses.enumerated().dropFirst() {
            text += "    server web-\(index + 1) \(address):8080 check\n"
        }
        try write(text.replacingOccurrences(of: ":8080 check", with: ":80 check"), to: "haproxy.cfg")
        let haproxy = try start(["haproxy", "-db", "-f", folder + "/haproxy.cfg"])
        try await eventually("HAProxy serves", else: { haproxy.transcript }) {
            (try? Self.page("127.0.0.1", port)) != nil
        }
    }

    /// Addresses of HAProxy's servers that get traffic.
    func serving() throws -> [String] {
        try Sockets.ask(unix: folder + "/haproxy.sock", "show stat web 4 -1\n").split(separator: "\n").compactMap {
            line in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count > 73, fields[17].hasPrefix("UP") else { return nil }
            return String(fields[73].prefix { $0 != ":" })
        }
    }

    /// The words of a site's front page: instance, `demo-web`, version.
    static func page(_ address: String, _ port: Int = 80) throws -> [String] {
        let answer = try Sockets.ask(address, port: port, "GET / HTTP/1.0\r\nHost: demo\r\n\r\n")
        guard answer.hasPrefix("HTTP/1.1 200"), let body = answer.components(separatedBy: "\r\n\r\n").last else {
            throw Failed(answer)
        }
        return body.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    /// Starts counting requests through HAProxy.
    func startLoad() async throws -> Fixture.Load {
        let report = "\(folder)/load-\(UUID().uuidString.prefix(4)).json"
        let program = try start([
            "python3", Tools.checkout + "/scripts/demo-client", "--url", "http://127.0.0.1:\(port)", "--report", report,
            "--rate", "80", "--kept", "2", "--fresh", "1", "--slow", "0",
        ])
        try await eventually("the load client counts", else: { program.transcript }) {
            FileManager.default.fileExists(atPath: report)
        }
        return Fixture.Load(program: program, report: report)
    }

    // MARK: The end

    /// What happened, for a failure's message.
    private func story() async -> String {
        let runs = programs.withLock { $0 }.filter { !$0.transcript.hasPrefix("$ lxc query") }.suffix(8)
        let told = runs.map(\.transcript).joined(separator: "\n")
        let instances = (try? await lxc(["list", "--format", "csv"])) ?? "LXD does not answer"
        return "\(told)\n\(instances)"
    }

    private func end() async {
        for program in programs.withLock({ $0 }) {
            program.signal(SIGKILL)
            try? await eventually("it is gone", within: .seconds(5)) { program.exitCode != nil }
        }
        do {
            let names = try await look().keys.sorted()
            if !names.isEmpty { try await lxc(["delete", "--force"] + names) }
            let volumes = try await lxc(["query", "/1.0/storage-pools/default/volumes/custom"])
            for volume in try JSONDecoder().decode([String].self, from: Data(volumes.utf8)) {
                try await lxc([
                    "storage", "volume", "delete", "default", volume.split(separator: "/").last.map(String.init) ?? "",
                ])
            }
        } catch {
            Issue.record("instances are left behind: \(error)")
        }
        let left = await ProcessScan.end(folder)
        if !left.isEmpty { Issue.record("processes \(left) of \(folder) do not end") }
        try? FileManager.default.removeItem(atPath: folder)
        if FileManager.default.fileExists(atPath: folder) { Issue.record("\(folder) is left behind") }
    }
}
