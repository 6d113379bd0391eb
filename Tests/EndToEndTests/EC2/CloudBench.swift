import Foundation
import Synchronization
import Testing

/// Runs the program under test against a cloud on loopback, with `AWS_` variables, a playbook and nothing else.
final class CloudBench: Sendable {
    let folder: String
    private let environment: [String: String]
    private let programs = Mutex<[Program]>([])

    var store: String { folder + "/.changeover" }

    /// Prepares a folder with a check; `environment` says where the cloud is and who asks.
    init(environment: [String: String]) throws {
        folder = "/tmp/chg-ec2-" + UUID().uuidString.prefix(8).lowercased()
        var own = [
            "PATH": Tools.path, "HOME": folder, "LANG": "C.UTF-8", "USER": "tester", "AWS_REGION": "eu-central-1",
        ]
        // Swift's libraries are found where the tests found them.
        own["LD_LIBRARY_PATH"] = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"]
        self.environment = own.merging(environment) { $1 }
        try FileManager.default.createDirectory(atPath: folder + "/runs", withIntermediateDirectories: true)
        try write(Self.check, to: "healthchecks/web.yaml")
    }

    static func endpoint(_ port: Int) -> [String: String] { ["AWS_ENDPOINT_URL": "http://127.0.0.1:\(port)"] }

    /// Fixed credentials, as variables.
    static func keys(_ key: String = "AKIATEST", _ secret: String = "secret", token: String? = nil) -> [String: String]
    {
        var variables = ["AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret]
        variables["AWS_SESSION_TOKEN"] = token
        return variables
    }

    func write(_ text: String, to name: String) throws {
        let file = URL(fileURLWithPath: folder).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    // MARK: Programs

    /// Starts any program in the bench's folder; a variable without a value is left out.
    func start(_ arguments: [String], environment more: [String: String?] = [:]) throws -> Program {
        try programs.withLock { programs in
            var variables = environment
            for (name, value) in more { variables[name] = value }
            let program = try Program(
                arguments, in: folder, environment: variables, files: "\(folder)/runs/\(programs.count)")
            programs.append(program)
            return program
        }
    }

    /// Starts the program under test.
    func changeover(_ arguments: [String], environment: [String: String?] = [:]) throws -> Program {
        try start([Tools.changeover] + arguments, environment: environment)
    }

    /// Runs the program under test to its end.
    func run(
        _ arguments: [String], environment: [String: String?] = [:], within limit: Duration = .seconds(90)
    ) async throws -> Fixture.Run {
        let program = try changeover(arguments, environment: environment)
        let code = try await program.end(within: limit)
        return Fixture.Run(
            code: code, output: program.output, errors: program.errors, transcript: program.transcript)
    }

    /// Runs a verb with `--output json` that must end well, and decodes what it prints.
    func document<Value: Decodable>(_ type: Value.Type, _ arguments: [String]) async throws -> Value {
        let run = try await run(arguments + ["--output", "json"])
        guard run.code == 0 else { throw Failed("exit code \(run.code): \(run.transcript)") }
        return try JSONDecoder().decode(type, from: Data(run.output.utf8))
    }

    /// Swaps `web-1` and gives the swap's id, with the exit code that is expected.
    func swap(_ playbook: String = "playbook.yaml", expecting code: Int32 = 0) async throws -> String {
        let run = try await run(["swap", "web-1", "--playbook", playbook, "--yes", "--output", "json"])
        guard run.code == code else { throw Failed("exit code \(run.code): \(run.transcript)") }
        return try Self.swap(in: run.output)
    }

    static func swap(in output: String) throws -> String {
        struct Named: Decodable { var swap: String }
        return try JSONDecoder().decode(Named.self, from: Data(output.utf8)).swap
    }

    func status(_ swap: String) async throws -> CloudSwapStatus {
        try await document(CloudSwapStatus.self, ["status", swap])
    }

    /// Ends every program and removes the folder.
    func end() async {
        for program in programs.withLock({ $0 }) {
            program.signal(SIGKILL)
            try? await eventually("it is gone", within: .seconds(5)) { program.exitCode != nil }
        }
        let left = await ProcessScan.end(folder)
        if !left.isEmpty { Issue.record("processes \(left) of \(folder) do not end") }
        try? FileManager.default.removeItem(atPath: folder)
        if FileManager.default.fileExists(atPath: folder) { Issue.record("\(folder) is left behind") }
    }

    // MARK: Texts

    /// A check that one answer decides, once the machine has had a second to start.
    static let check = Texts.quickCheck(named: "web", status: 200, phases: "baseline, verify, bake, rollback")
        .replacingOccurrences(of: "startupGrace: 10s", with: "startupGrace: 1s")

    /// A playbook with one route, given as it stands in the file.
    static func playbook(route: String, launch: String = "{image: same}", bake: String = "0s") -> String {
        """
        apiVersion: changeover/v1
        kind: Playbook
        metadata: {name: web, description: for the tests}
        provider: ec2
        launch: \(launch)
        patch: {scope: none}
        checks: [healthchecks/web.yaml]
        traffic: [\(route)]
        promote: {approval: auto}
        bake: {for: \(bake)}
        drain: {timeout: 100ms}
        retire: {hold: 24h}

        """
    }

    static func targetGroup(_ arn: String) -> String { "{targetGroup: {arn: \"\(arn)\", port: 8080}}" }
    static func elasticAddress(_ allocation: String) -> String { "{elasticAddress: {address: \(allocation)}}" }
}

/// What `status --output json` prints of a swap in a cloud.
struct CloudSwapStatus: Decodable, Sendable {
    struct RequestCount: Decodable, Sendable {
        var total: Int
        var byAction: [String: Int]
    }

    var swap: String
    var state: String
    var explanation: String
    var original: String
    var replacement: String?
    var apiCalls: RequestCount?
    var evidence: String
}
