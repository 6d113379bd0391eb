import Foundation
import Testing

/// Whole ways against moto, an independent EC2: by the command line with `AWS_` variables and a playbook; boto3 asserts.
@Suite(.serialized, .enabled(if: MotoWorld.obstacle == nil, "\(MotoWorld.obstacle ?? "")"))
struct MotoSwapTests {
    /// The aim of `verification.md` for one swap until its original is held.
    private static let callLimit = 12
    /// The aim for each of 50 swaps by one command, where all of them take no longer than 10 s.
    private static let callLimitOfMany = 6
    /// What a slower machine may add each second: looks, and changes of the target group, that all swaps share.
    private static let sharedCallsPerSecond = 4.0

    /// The replacement that took the original's place.
    private func replacement(_ world: MotoWorld, _ swap: String) async throws -> String {
        try #require(try await world.bench.status(swap).replacement)
    }

    @Test func swapUndoAndRetireBehindATargetGroup() async throws {
        try await MotoWorld.with { world in
            try world.writeTargetGroupPlaybook()
            let start = ContinuousClock.now
            let swap = try await world.bench.swap()
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let counts = try world.counts()
            let status = try await world.bench.status(swap)
            let replacement = try #require(status.replacement)
            #expect(status.state == "holding")
            print(
                String(format: "one swap against moto: %.2f s, requests: ", seconds), counts.sorted { $0.key < $1.key })
            #expect(counts.values.reduce(0, +) <= Self.callLimit, "\(counts)")
            #expect(status.apiCalls?.byAction == counts, "what status says is what the server counted")
            #expect(status.apiCalls?.total == counts.values.reduce(0, +))

            let held = try await world.look()
            let (old, new) = (held.instances[world.original], try #require(held.instances[replacement]))
            #expect(held.instances.count == 2)
            #expect(held.ids(in: "running") == [replacement])
            #expect(held.ids(in: "stopped") == [world.original])
            #expect(held.targets == [replacement: "healthy"])
            #expect(new.tags["Name"] == "web-1" && new.tags["fleet"] == "web", "\(new.tags)")
            #expect(new.image == old?.image && new.type == old?.type && new.subnet == old?.subnet)
            #expect(new.securityGroups == [world.beginning.securityGroup])

            let undo = try await world.bench.run(["undo", swap])
            #expect(undo.code == 0 || undo.code == 2, "\(undo.transcript)")
            let undone = try await world.look()
            #expect(try await world.bench.status(swap).state == "rolledBack")
            #expect(undone.ids(in: "running") == [world.original])
            #expect(undone.ids(in: "terminated") == [replacement])
            #expect(undone.targets == [world.original: "healthy"])
            #expect(Self.ownTags(undone.instances[world.original]).isEmpty, "\(undone.instances)")

            let second = try await world.bench.swap()
            let retire = try await world.bench.run(["retire", second])
            #expect(retire.code == 0, "\(retire.transcript)")
            let ended = try await world.look()
            let successor = try await self.replacement(world, second)
            #expect(try await world.bench.status(second).state == "succeeded")
            #expect(ended.ids(in: "running") == [successor])
            #expect(ended.ids(in: "terminated") == [replacement, world.original].sorted())
            #expect(ended.targets == [successor: "healthy"])
        }
    }

    @Test func failingReplacementIsRolledBack() async throws {
        try await MotoWorld.with { world in
            try world.writeTargetGroupPlaybook(image: world.beginning.images.broken)
            let before = try await world.look()
            let swap = try await world.bench.swap(expecting: 2)
            let status = try await world.bench.status(swap)
            let replacement = try #require(status.replacement)
            #expect(status.state == "rolledBack" && status.explanation.contains("web/health"), "\(status.explanation)")
            let after = try await world.look()
            #expect(after.instances.count == 2)
            #expect(after.ids(in: "running") == [world.original])
            #expect(after.ids(in: "terminated") == [replacement])
            #expect(after.targets == before.targets)
            #expect(after.instances[world.original]?.tags == before.instances[world.original]?.tags)
        }
    }

    @Test func elasticAddressMovesAndComesBack() async throws {
        try await MotoWorld.with { world in
            let allocation = world.beginning.allocation
            try world.bench.write(
                CloudBench.playbook(route: CloudBench.elasticAddress(allocation)), to: "playbook.yaml")
            let swap = try await world.bench.swap()
            let replacement = try await self.replacement(world, swap)
            let held = try await world.look()
            #expect(held.addresses == [allocation: replacement])
            #expect(held.ids(in: "running") == [replacement])
            #expect(held.ids(in: "stopped") == [world.original])
            let undo = try await world.bench.run(["undo", swap])
            #expect(undo.code == 0 || undo.code == 2, "\(undo.transcript)")
            let undone = try await world.look()
            #expect(undone.addresses == [allocation: world.original])
            #expect(undone.ids(in: "running") == [world.original])
            #expect(undone.ids(in: "terminated") == [replacement])
        }
    }

    @Test func fiftyInOneCommand() async throws {
        let count = 50
        try await MotoWorld.with(instances: count, need: .all) { world in
            try world.bench.write(
                CloudBench.playbook(route: CloudBench.targetGroup(world.beginning.targetGroup))
                    + "select: {tags: {fleet: web}}\n", to: "playbook.yaml")
            let start = ContinuousClock.now
            let run = try await world.bench.run(
                ["swap", "--playbook", "playbook.yaml", "--max-in-flight", "25", "--yes", "--output", "json"],
                within: .seconds(300))
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            #expect(run.code == 0, "\(run.transcript)")
            let swaps = try JSONDecoder().decode([CloudSwapStatus].self, from: Data(run.output.utf8))
            let counts = try world.counts()
            let total = counts.values.reduce(0, +)
            print(
                String(
                    format: "%d swaps against moto: %.1f s, %d requests, %.1f each: ", count, seconds, total,
                    Double(total) / Double(count)), counts.sorted { $0.key < $1.key })
            #expect(swaps.count == count)
            #expect(swaps.allSatisfy { $0.state == "holding" })
            let shared = Int(max(0, seconds - 10) * Self.sharedCallsPerSecond)
            #expect(total <= Self.callLimitOfMany * count + shared, "\(counts)")
            #expect(
                swaps.compactMap(\.apiCalls?.total).reduce(0, +) == total, "the swaps' counts add up to the server's")
            let after = try await world.look()
            let replacements = swaps.compactMap(\.replacement).sorted()
            #expect(after.instances.count == 2 * count)
            #expect(after.ids(in: "running") == replacements)
            #expect(after.ids(in: "stopped") == world.beginning.instances.sorted())
            #expect(after.targets == Dictionary(uniqueKeysWithValues: replacements.map { ($0, "healthy") }))
        }
    }

    private static func ownTags(_ instance: MotoWorld.Look.Instance?) -> [String] {
        instance?.tags.keys.filter { $0.hasPrefix("changeover:") } ?? ["no such instance"]
    }
}
