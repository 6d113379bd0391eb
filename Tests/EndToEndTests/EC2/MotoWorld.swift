import Foundation
import Testing

/// A cloud by moto with machines of ours, for one test; see `Support/moto/moto_world.py`.
struct MotoWorld: Sendable {
    static let folder = Tools.checkout + "/Tests/EndToEndTests/Support/moto"
    /// The test process's own environment without anything of AWS, in which Python's modules are found.
    static let environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("AWS_") }

    /// Why there can be no such world; `nil` when there can.
    static let obstacle: String? = {
        let files = NSTemporaryDirectory() + "chg-moto-" + UUID().uuidString
        defer {
            for name in [".out", ".err"] { try? FileManager.default.removeItem(atPath: files + name) }
        }
        guard
            let probe = try? Program(
                ["python3", "-c", "import boto3, moto.server"], in: "/", environment: environment, files: files)
        else { return "python3 cannot be started" }
        while probe.exitCode == nil { usleep(10_000) }
        return probe.exitCode == 0 ? nil : "python3 has no moto[server] and boto3: \(probe.errors.suffix(200))"
    }()

    /// What was made when the world began.
    struct Beginning: Decodable, Sendable {
        struct Images: Decodable, Sendable {
            var good: String
            var broken: String
        }

        var port: Int
        var region: String
        var subnets: [String]
        var securityGroup: String
        var images: Images
        var targetGroup: String
        var instances: [String]
        var allocation: String
    }

    /// How the world is, as boto3 sees it.
    struct Look: Decodable, Sendable, Equatable {
        struct Instance: Decodable, Sendable, Equatable {
            var state: String
            var image: String
            var type: String
            var subnet: String?
            var securityGroups: [String]
            var tags: [String: String]
        }

        var instances: [String: Instance]
        /// The state of each registered target.
        var targets: [String: String]
        /// Who has each Elastic address; empty where nobody has.
        var addresses: [String: String]

        func ids(in state: String) -> [String] { instances.filter { $0.value.state == state }.keys.sorted() }
    }

    let beginning: Beginning
    let bench: CloudBench

    /// The first original.
    var original: String { beginning.instances.first ?? "" }

    /// Makes a world with so many originals, runs `body`, and leaves nothing behind.
    static func with(
        instances: Int = 1, need: Turnstile.Need = .several, _ body: @Sendable (MotoWorld) async throws -> Void
    ) async throws {
        try await Turnstile.shared.pass(need) {
            let files = "/tmp/chg-moto-" + UUID().uuidString.prefix(8).lowercased()
            let server = try Program(
                ["python3", folder + "/moto_world.py", "--instances", "\(instances)"], in: "/tmp",
                environment: environment, files: files, input: .silent)
            do {
                try await run(server, body)
            } catch {
                await end(server, files)
                throw error
            }
            await end(server, files)
        }
    }

    private static func run(_ server: Program, _ body: (MotoWorld) async throws -> Void) async throws {
        try await eventually("moto is ready", within: .seconds(60), else: { server.transcript }) {
            guard server.exitCode == nil else { throw Failed("moto ended: \(server.transcript)") }
            return server.output.hasSuffix("\n")
        }
        let beginning = try JSONDecoder().decode(Beginning.self, from: Data(server.output.utf8))
        let bench = try CloudBench(
            environment: CloudBench.endpoint(beginning.port).merging(CloudBench.keys()) { $1 })
        do {
            try await body(MotoWorld(beginning: beginning, bench: bench))
        } catch {
            await bench.end()
            throw error
        }
        await bench.end()
    }

    /// The world ends when its parent does; here it is ended by the signal that it cannot miss.
    private static func end(_ server: Program, _ files: String) async {
        server.signal(SIGTERM)
        do {
            try await eventually("moto is gone", within: .seconds(10)) { server.exitCode != nil }
        } catch {
            try? await server.kill9()
            Issue.record("moto does not end: \(server.transcript)")
        }
        for name in [".out", ".err", ".in"] { try? FileManager.default.removeItem(atPath: files + name) }
    }

    /// Looks at the world with boto3, which is not our code.
    func look() async throws -> Look {
        let script = try bench.start(
            ["python3", Self.folder + "/moto_look.py", "\(beginning.port)", beginning.region],
            environment: Self.environment.mapValues { $0 })
        guard try await script.end() == 0 else { throw Failed(script.transcript) }
        return try JSONDecoder().decode(Look.self, from: Data(script.output.utf8))
    }

    /// How many requests of each action came, those of boto3 left out.
    func counts() throws -> [String: Int] {
        let answer = try Sockets.ask(
            "127.0.0.1", port: beginning.port, "GET /_counts HTTP/1.1\r\nHost: moto\r\nConnection: close\r\n\r\n")
        guard let body = answer.components(separatedBy: "\r\n\r\n").last else { throw Failed(answer) }
        return try JSONDecoder().decode([String: Int].self, from: Data(body.utf8))
    }

    func writeTargetGroupPlaybook(image: String? = nil) throws {
        try bench.write(
            CloudBench.playbook(
                route: CloudBench.targetGroup(beginning.targetGroup),
                launch: image.map { "{image: {id: \($0)}}" } ?? "{image: same}"),
            to: "playbook.yaml")
    }
}
