import LXDClient
import Workflow

/// Moves something from the instance that has it to another, so that it can be gone on with wherever it broke off.
///
/// First a mark on the receiving instance says what is moved; then it is taken from the one that has it, since no two
/// running instances may have it at once; then, in one change, the receiving instance gets it and loses the mark. Each
/// change names the version that it was read in, so that nothing of anybody else's is overwritten.
struct LXDCarriage: Sendable {
    /// How long one change of an instance may take; a proxy device whose port is taken needs 6 s to fail.
    private static let changeTime = Span.seconds(20)

    let reader: LXDReader
    let client: any LXDCalling

    private var possession: any LXDPossession { reader.possession }
    private var router: RouterName { reader.router }
    private var markKey: String { LXDMovingMark.key(for: possession) }

    /// Gives it to an instance, unless that has it already.
    ///
    /// - Parameters:
    ///   - keepsMark: whether the mark stays until `settle`, since something else is left to do.
    ///   - mayTake: throws when it must not be taken from an instance just now.
    func bring(
        to name: String, keepsMark: Bool = false,
        mayTake: (LXDInstance, LXDDevices) async throws(TrafficError) -> Void
    ) async throws(TrafficError) {
        let all = try await reader.currentWhereabouts()
        guard let receiver = all.instances[name] else { throw refusal("there is no instance \(name)") }
        let others = all.holders.keys.filter { $0 != name }.sorted()
        guard others.count <= 1 else {
            throw refusal(
                "\(others.joined(separator: " and ")) have \(possession.title), so it is not clear whose is to be moved; "
                    + "take it from all but one")
        }
        let giver = others.first.flatMap { all.instances[$0] }
        let held = giver.flatMap { all.holders[$0.name] } ?? [:]
        if let giver { try await mayTake(giver, held) }
        if all.holders[name] == nil {
            let mark: LXDMovingMark
            if let giver {
                mark = LXDMovingMark(from: giver.name, devices: held)
                // Before anything is taken away: whether it fits at all.
                _ = try possession.giving(mark.devices, to: receiver)
                try await set(mark, on: receiver)
            } else if let left = all.marks[name] ?? all.marks.min(by: { $0.key < $1.key })?.value {
                mark = left
                if keepsMark { try await set(mark, on: receiver) }
            } else {
                throw refusal("no instance has \(possession.title), so there is nothing to move")
            }
            if let giver { try await take(held, from: giver) }
            try await give(mark, to: receiver, keepsMark: keepsMark)
        } else if let giver {
            try await take(held, from: giver)
        }
        if !keepsMark { try await settle() }
    }

    /// Takes it from an instance where another one that runs has it too.
    func release(from name: String) async throws(TrafficError) {
        let all = try await reader.currentWhereabouts()
        if let instance = all.instances[name], let held = all.holders[name] {
            guard all.holders.contains(where: { $0.key != name && all.instances[$0.key]?.status == "Running" }) else {
                throw refusal(
                    "\(name) is the only one that runs and has \(possession.title), so it was left there; register "
                        + "another instance first")
            }
            try await take(held, from: instance)
        }
        try await settle()
    }

    /// Removes the marks that are left, once somebody has it.
    func settle() async throws(TrafficError) {
        let all = try await reader.currentWhereabouts()
        guard !all.holders.isEmpty else { return }
        let key = markKey
        for name in all.marks.keys.sorted() {
            try await edit(name) { $0.config.removeValue(forKey: key) != nil }
        }
    }

    /// Changes an instance's definition in a router's terms.
    func edit(
        _ name: String, _ change: @Sendable (inout LXDDefinition) throws(LXDError) -> Bool
    ) async throws(TrafficError) {
        do throws(LXDError) {
            try await client.edit(name, within: Self.changeTime, change)
        } catch {
            await reader.outdate()
            throw TrafficError(error, router: router)
        }
        await reader.outdate()
    }

    private func set(_ mark: LXDMovingMark, on instance: LXDInstance) async throws(TrafficError) {
        let (key, text) = (markKey, mark.text)
        guard instance.config[key] != text else { return }
        try await edit(instance.name) { $0.config.updateValue(text, forKey: key) != text }
    }

    private func take(_ devices: LXDDevices, from instance: LXDInstance) async throws(TrafficError) {
        let changes = possession.taking(devices, from: instance)
        try await edit(instance.name) { (definition) throws(LXDError) in
            try Self.apply(changes, to: &definition, of: instance)
            return true
        }
    }

    private func give(
        _ mark: LXDMovingMark, to instance: LXDInstance, keepsMark: Bool
    ) async throws(TrafficError) {
        let changes = try possession.giving(mark.devices, to: instance)
        let key = markKey
        do throws(TrafficError) {
            try await edit(instance.name) { (definition) throws(LXDError) in
                try Self.apply(changes, to: &definition, of: instance)
                if !keepsMark { definition.config[key] = nil }
                return true
            }
        } catch {
            guard error.code == .refused else { throw error }
            throw await putBack(mark, after: error, receiver: instance.name)
        }
    }

    /// Gives what an instance was refused back to the one it was taken from, so that it serves somebody.
    private func putBack(
        _ mark: LXDMovingMark, after error: TrafficError, receiver: String
    ) async -> TrafficError {
        do throws(TrafficError) {
            guard let giver = try await reader.currentWhereabouts().instances[mark.from], giver.name != receiver else {
                return refusal("\(error.detail); what was moved is kept in \(markKey) of \(receiver)")
            }
            let changes = try possession.giving(mark.devices, to: giver)
            try await edit(giver.name) { (definition) throws(LXDError) in
                try Self.apply(changes, to: &definition, of: giver)
                return true
            }
            try await settle()
            return refusal("\(error.detail); \(possession.title) was given back to \(giver.name)")
        } catch let second {
            return refusal(
                "\(error.detail); it could not be given back to \(mark.from) either (\(second.detail)), so it is kept in "
                    + "\(markKey) of \(receiver)")
        }
    }

    /// Changes an instance's own devices, unless somebody else has changed one of them since they were read.
    private static func apply(
        _ changes: [String: [String: String]?], to definition: inout LXDDefinition, of instance: LXDInstance
    ) throws(LXDError) {
        for (name, device) in changes {
            guard definition.devices[name] == instance.devices[name] else {
                throw LXDError(
                    .conflict, request: "PUT /1.0/instances/\(instance.name)",
                    detail: "somebody has changed the device \(name) just now")
            }
            definition.devices[name] = device
        }
    }

    private func refusal(_ detail: String) -> TrafficError { TrafficError(.refused, router: router, detail: detail) }
}
