import LXDClient
import Workflow

@testable import Providers

/// A small LXD in memory, as far as the provider asks it, with faults.
final class FakeLXD: LXDCalling {
    static let image = "5256d834dd36ef789fc0753ff90a75a850cbaa2c8b62525e44007bdc99ec6509"

    /// How a call is broken off.
    enum Fault: Sendable, Hashable, CaseIterable {
        /// It never arrives.
        case before
        /// It takes effect, and the answer is lost.
        case after
    }

    /// What becomes of the operations that are under way when a call is broken off.
    enum Aftermath: Sendable, Hashable, CaseIterable {
        case goesOn, ends, isForgotten
    }

    struct Operation: Sendable {
        var name: String
        var effect: @Sendable (inout World) -> String?
    }

    struct World: Sendable {
        var machines: [String: FakeMachine] = [:]
        var operations: [String: Operation] = [:]
        var nextOperation = 1
        /// Answers that are given as they are, by path such as `images`, with its query.
        var answers: [String: LXDValue] = [:]
        /// What calls fail of, by label such as `PUT instances/web-1/state`; used up by the first.
        var failures: [String: LXDError] = [:]
        /// What creations and starts fail of, by the member of the cluster or by `start`; used up by the first.
        var operationFailures: [String: String] = [:]
        var extensions = Set(LXDPreflight.neededExtensions + ["cloud_init", "instance_get_full", "project_usage"])
        var texts: [String: String] = [:]
        /// The files that a new instance has of its image.
        var imageFiles: [String: [UInt8]] = ["/usr/lib/systemd/systemd": [1]]
        var log: [String] = []
        var callCount = 0
        var breakAt: Int?
        var fault = Fault.before
        /// How long the next operations take, beyond any waiting.
        var isSlow = false
    }

    let world: LockedValue<World>
    let location = "at /run/fake.socket, project default"

    init(_ machines: [FakeMachine] = [.original()], _ change: (inout World) -> Void = { _ in }) {
        var world = World()
        for machine in machines { world.machines[machine.name] = machine }
        world.answers["images/\(Self.image)"] = Self.imageAnswer(Self.image)
        world.answers["profiles"] = .list([
            .object([
                "name": .text("default"), "config": .object([:]),
                "devices": .object([
                    "root": .texts(["type": "disk", "path": "/", "pool": "default"]),
                    "eth0": .texts(["type": "nic", "network": "lxdbr0", "name": "eth0"]),
                ]),
            ])
        ])
        world.answers["storage-pools"] = .list([.text("/1.0/storage-pools/default")])
        world.answers["networks"] = .list([.text("/1.0/networks/lxdbr0?project=default")])
        world.answers["storage-pools/default/resources"] = .object([
            "space": .object(["used": .integer(1 << 30), "total": .integer(100 << 30)])
        ])
        world.answers[""] = Self.serverAnswer()
        change(&world)
        self.world = LockedValue(world)
    }

    static func serverAnswer(driver: String = "lxc", isClustered: Bool = false) -> LXDValue {
        .object([
            "environment": .object([
                "driver": .text(driver), "project": .text("default"), "server_clustered": .boolean(isClustered),
            ])
        ])
    }

    static func imageAnswer(
        _ fingerprint: String, alias: String = "debian", built: String = "2026-11-23T09:38:11Z",
        type: String = "container",
        architecture: String = "x86_64"
    ) -> LXDValue {
        .object([
            "fingerprint": .text(fingerprint), "type": .text(type), "architecture": .text(architecture),
            "aliases": .list([.object(["name": .text(alias)])]), "properties": .texts(["os": "Debian"]),
            "created_at": .text(built), "uploaded_at": .text("2026-11-23T09:43:09.579768681Z"),
        ])
    }

    /// The changes so far, such as `PUT instances/web-1/state start`.
    var log: [String] { world.withLock { $0.log } }

    func machine(_ name: String) -> FakeMachine? { world.withLock { $0.machines[name] } }

    func server() async throws(LXDError) -> LXDServer {
        LXDServer(authentication: "trusted", extensions: world.withLock { $0.extensions })
    }

    /// Makes a call, unless this is the one that is broken off.
    private func call<Value>(
        _ label: String, _ effect: (inout World) throws(LXDError) -> Value
    ) throws(LXDError) -> Value {
        try world.withLock { world throws(LXDError) in
            world.callCount += 1
            let isBroken = world.callCount == world.breakAt
            let lost = LXDError(.unavailable, request: label, detail: "no answer", isUncertain: true)
            if isBroken, world.fault == .before { throw lost }
            if let failure = world.failures.removeValue(forKey: label) { throw failure }
            let value = try effect(&world)
            if isBroken { throw lost }
            return value
        }
    }

    func read<Value: Decodable & Sendable>(
        _ resource: LXDResource, as type: Value.Type
    ) async throws(LXDError) -> LXDReading<Value> {
        let path = resource.path.joined(separator: "/")
        return try call("GET \(path)") { world throws(LXDError) in
            guard let value = world.answer(to: resource) else {
                throw LXDError(.notFound, request: "GET /1.0/\(path)", detail: "not found")
            }
            do { return LXDReading(value: try value.decoded(as: type), version: "v1") } catch {
                throw LXDError(.malformedAnswer, request: "GET /1.0/\(path)", detail: "\(error)")
            }
        }
    }

    func send(
        _ method: LXDMethod, _ resource: LXDResource, _ body: LXDValue?, version: String?
    ) async throws(LXDError) -> LXDOperation? {
        let label = "\(method.rawValue) \(resource.path.joined(separator: "/"))"
        return try call(label) { world throws(LXDError) in
            world.log.append(label + (body?["action"].text.map { " \($0)" } ?? ""))
            return try world.perform(method, resource, body ?? .null)
        }
    }

    func finish(_ operation: LXDOperation, within limit: Span) async throws(LXDError) -> LXDOperation {
        try call("finish") { world throws(LXDError) in
            guard world.operations[operation.id] != nil else {
                throw LXDError(.notFound, request: "operation", detail: "no such operation")
            }
            guard !world.isSlow else {
                throw LXDError(.unavailable, request: "operation", detail: "not ended within", isUncertain: true)
            }
            if let failure = world.end(operation.id) {
                throw LXDError(.failed, request: "operation", detail: failure)
            }
            return LXDOperation(id: operation.id, statusCode: 200)
        }
    }

    func file(_ path: String, of instance: String, limitBytes: Int) async throws(LXDError) -> [UInt8]? {
        try call("file \(path)") { world throws(LXDError) in
            world.machines[instance]?.files[path].map { Array($0.prefix(limitBytes)) }
        }
    }

    func write(_ file: LXDFile, to instance: String) async throws(LXDError) {
        try call("write \(file.path)") { world throws(LXDError) in
            world.log.append("write \(file.path)")
            guard world.machines[instance]?.isUnpacked == true else {
                throw LXDError(.notFound, request: "write", detail: "no such disk")
            }
            world.machines[instance]?.files[file.path] = file.content
        }
    }

    func text(_ resource: LXDResource, limitBytes: Int) async throws(LXDError) -> String? {
        let path = resource.path.joined(separator: "/")
        return try call("text \(path)") { world throws(LXDError) in world.texts[path] }
    }

    func socket(of operation: LXDOperation, secret: String) async throws(LXDError) -> any LXDSocket {
        throw LXDError(.unsupported, request: "socket", detail: "none here")
    }
}
