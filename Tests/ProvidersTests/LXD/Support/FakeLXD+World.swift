import LXDClient
import Workflow

@testable import Providers

/// What the fake server knows and does.
extension FakeLXD.World {
    func answer(to resource: LXDResource) -> LXDValue? {
        let path = resource.path
        if let fixed = answers[path.joined(separator: "/")] { return fixed }
        switch (path.first, path.count) {
        case ("instances", 1): return .list(machines.values.sorted { $0.name < $1.name }.map(\.json))
        case ("instances", 2): return machines[path[1]]?.json
        case ("instances", 3) where path[2] == "snapshots":
            return machines[path[1]].map { machine in
                .list(machine.snapshots.map { .text("/1.0/instances/\(machine.name)/snapshots/\($0)?project=default") })
            }
        case ("instances", 4) where path[2] == "snapshots":
            return machines[path[1]].flatMap { machine in
                machine.snapshots.contains(path[3]) ? .object(["config": .texts(machine.config)]) : nil
            }
        case ("operations", 1):
            return .object([
                "running": .list(
                    operations.map { id, operation in
                        .object([
                            "id": .text(id), "status_code": .integer(103), "err": .text(""), "class": .text("task"),
                            "resources": .object([
                                "instances": .list([.text("/1.0/instances/\(operation.name)?project=default")])
                            ]),
                        ])
                    }),
                "failure": .list([]),
            ])
        default: return nil
        }
    }

    mutating func perform(
        _ method: LXDMethod, _ resource: LXDResource, _ body: LXDValue
    ) throws(LXDError) -> LXDOperation? {
        let path = resource.path
        let name = path.count > 1 ? path[1] : ""
        if path.count > 1, machines[name] == nil {
            throw LXDError(.notFound, request: "\(method.rawValue) \(name)", detail: "not found")
        }
        switch (method, path.count > 2 ? path[2] : "") {
        case (.post, "") where path == ["instances"]: return create(body, on: resource.query["target"])
        case (.put, "state"): return changeState(of: name, body)
        case (.patch, ""):
            for (key, value) in body["config"].texts {
                machines[name]?.config[key] = value.isEmpty ? nil : value
            }
            return nil
        case (.put, ""):
            if let snapshot = body["restore"].text {
                return begin(name) { world in
                    world.machines[name]?.summary = "restored to \(snapshot)"
                    return nil
                }
            }
            machines[name]?.config = body["config"].texts
            return nil
        case (.delete, ""):
            guard machines[name]?.status == "Stopped" else {
                throw LXDError(.invalidRequest, request: "DELETE", detail: "Instance is running")
            }
            return begin(name) { world in
                world.machines[name] = nil
                return nil
            }
        case (.post, "snapshots") where path.count == 4:
            let wanted = body["name"].text ?? ""
            return begin(name) { world in
                world.machines[name]?.snapshots.removeAll { $0 == path[3] }
                world.machines[name]?.snapshots.append(wanted)
                return nil
            }
        case (.post, "snapshots"):
            let snapshot = body["name"].text ?? ""
            return begin(name) { world in
                world.machines[name]?.snapshots.append(snapshot)
                return nil
            }
        case (.delete, "snapshots"):
            return begin(name) { world in
                world.machines[name]?.snapshots.removeAll { $0 == path[3] }
                return nil
            }
        default: throw LXDError(.unsupported, request: "\(method.rawValue) \(path)", detail: "not here")
        }
    }

    /// The record is there at once, the disk only at the end; a failed creation takes the record away again.
    private mutating func create(_ body: LXDValue, on member: String?) -> LXDOperation {
        let name = body["name"].text ?? ""
        guard machines[name] == nil else { return begin(name) { _ in "This \"instances\" entry already exists" } }
        machines[name] = FakeMachine(
            name: name, type: body["type"].text ?? "", isEphemeral: body["ephemeral"].isTrue,
            profiles: body["profiles"].list.compactMap(\.text),
            config: body["config"].texts.merging(
                ["volatile.base_image": body["source"]["fingerprint"].text ?? ""]) { $1 },
            devices: body["devices"].fields.mapValues(\.texts), location: member ?? "none",
            summary: body["description"].text ?? "", isUnpacked: false)
        return begin(name) { world in
            if let failure = world.operationFailures.removeValue(forKey: member ?? "create") {
                world.machines[name] = nil
                return failure
            }
            world.machines[name]?.isUnpacked = true
            world.machines[name]?.files = world.imageFiles
            return nil
        }
    }

    private mutating func changeState(of name: String, _ body: LXDValue) -> LXDOperation {
        let isForced = body["force"].isTrue
        let isStart = body["action"].text == "start"
        return begin(name) { world in
            guard let machine = world.machines[name] else { return "gone" }
            if isStart {
                guard machine.isUnpacked else { return "Failed to start: no such disk" }
                guard machine.status == "Stopped" else { return "The instance is already running" }
                // A start that fails is a use as well.
                world.machines[name]?.lastUsedAt = "2026-11-23T10:00:00.5Z"
                if let failure = world.operationFailures.removeValue(forKey: "start") { return failure }
                world.machines[name]?.status = "Running"
            } else {
                guard machine.status != "Stopped" else { return "The instance is already stopped" }
                guard isForced || machine.isObedient else { return "Failed shutting down instance" }
                world.machines[name]?.status = "Stopped"
            }
            return nil
        }
    }

    private mutating func begin(
        _ name: String, _ effect: @escaping @Sendable (inout FakeLXD.World) -> String?
    ) -> LXDOperation {
        let id = "operation-\(nextOperation)"
        nextOperation += 1
        operations[id] = FakeLXD.Operation(name: name, effect: effect)
        return LXDOperation(id: id, statusCode: 103)
    }

    /// Brings an operation to its end; what it failed of, if it did.
    mutating func end(_ id: String) -> String? { operations.removeValue(forKey: id)?.effect(&self) }

    /// What becomes of operations for which nobody waits.
    mutating func leave(_ aftermath: FakeLXD.Aftermath) {
        switch aftermath {
        case .goesOn: break
        case .ends: for id in operations.keys.sorted() { _ = end(id) }
        case .isForgotten: operations = [:]
        }
    }
}
