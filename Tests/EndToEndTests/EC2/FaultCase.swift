import Foundation
import TestSupport
import Workflow

/// What is done in a case; the fault falls into the last command.
enum FaultJourney: String, CaseIterable, Sendable {
    /// A swap behind a target group until the original is held.
    case swap
    /// The end of the original.
    case retire
    /// A swap whose replacement fails its check.
    case rollback
    /// The way back from a held original.
    case undo
    /// A swap with an Elastic address.
    case address
    /// The way back with an Elastic address.
    case addressUndo = "address-undo"

    /// What the last command ends with.
    var code: Int32 { self == .rollback ? 2 : 0 }

    var usesAddress: Bool { self == .address || self == .addressUndo }

    /// What follows the swap; `nil` where the swap itself is looked at.
    var lever: String? {
        switch self {
        case .swap, .rollback, .address: nil
        case .retire: "retire"
        case .undo, .addressUndo: "undo"
        }
    }
}

/// One request of a journey, by its action and how many of them came before.
struct FaultyCall: Hashable, Sendable, CustomStringConvertible {
    var action: String
    var occurrence: Int
    var isMutating: Bool

    var description: String { "\(action)#\(occurrence)" }
}

/// One journey with one fault, or without any.
struct FaultCase: Sendable {
    var journey: FaultJourney
    var fault: (call: FaultyCall, kind: ProxyFault)?

    /// How a case ended, without anything that differs from run to run.
    struct Outcome: Sendable, Hashable {
        var code: Int32
        /// The instances as they are in the end, with tags, targets and addresses.
        var world: [String]
    }

    struct Result: Sendable {
        var outcome: Outcome
        /// The requests of the last command that were carried out, in order.
        var calls: [FaultyCall]
        var bites: Int
        var launched: Int
        var seconds: Double
        var transcript: String
    }

    /// Whether launches are idempotent, as they are; without that the table must show a second instance.
    var heedsClientTokens = true

    /// Runs the case in a world of its own.
    func run() async throws -> Result {
        var settings = EC2Facade.Settings()
        settings.deregistrationDelay = .milliseconds(200)
        settings.heedsClientTokens = heedsClientTokens
        let facade = try EC2Facade(settings)
        defer { facade.stop() }
        let proxy = try FaultProxy(to: facade.port) { facade.expireCredentials() }
        defer { proxy.stop() }
        let bench = try CloudBench(
            environment: CloudBench.endpoint(proxy.port).merging([
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:\(facade.port)\(EC2Facade.credentialsPath)"
            ]) { $1 })
        do {
            let result = try await run(facade, proxy, bench)
            await bench.end()
            return result
        } catch {
            await bench.end()
            throw error
        }
    }

    private func run(_ facade: EC2Facade, _ proxy: FaultProxy, _ bench: CloudBench) async throws -> Result {
        let original = facade.addInstance(name: "web-1", tags: ["fleet": "web"], userData: Self.userData)
        let route =
            journey.usesAddress
            ? CloudBench.elasticAddress(facade.allocateAddress(to: original))
            : CloudBench.targetGroup(facade.addTargetGroup(name: "web", port: 8080, instances: [original]))
        let image = journey == .rollback ? "{image: {id: ami-0badbadbadbadbad0}}" : "{image: same}"
        try bench.write(CloudBench.playbook(route: route, launch: image), to: "playbook.yaml")

        var swap = ""
        if journey.lever != nil { swap = try await bench.swap() }
        let before = facade.log.count
        if let fault { proxy.arm(fault.kind, on: fault.call.action, occurrence: fault.call.occurrence) }
        let start = ContinuousClock.now
        let run =
            if let lever = journey.lever {
                try await bench.run([lever, swap, "--output", "json"])
            } else {
                try await bench.run(["swap", "web-1", "--playbook", "playbook.yaml", "--yes", "--output", "json"])
            }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        if swap.isEmpty { swap = (try? CloudBench.swap(in: run.output)) ?? "none" }
        try await eventually("the world comes to rest", within: .seconds(10), else: { "\(facade.snapshot)" }) {
            facade.snapshot.instances.allSatisfy { ["running", "stopped", "terminated"].contains($0.state) }
        }
        let snapshot = facade.snapshot
        return Result(
            outcome: Outcome(code: run.code, world: Self.lines(snapshot, without: swap)),
            calls: Self.calls(facade.log.dropFirst(before)), bites: proxy.bites,
            launched: snapshot.instances.count - 1, seconds: seconds,
            transcript: "\(run.transcript)\n\(snapshot)")
    }

    private static let userData = Data("#!/bin/sh\necho hello\n".utf8).base64EncodedString()

    private static func lines(_ snapshot: FacadeSnapshot, without swap: String) -> [String] {
        var plain = snapshot
        for index in plain.instances.indices {
            plain.instances[index].tags = plain.instances[index].tags.reduce(into: [:]) { tags, tag in
                tags[tag.key] = tag.key == "changeover:token" ? "TOKEN" : tag.value == swap ? "SWAP" : tag.value
            }
        }
        return plain.description.split(separator: "\n").map(String.init)
    }

    private static func calls(_ log: ArraySlice<EC2Facade.Entry>) -> [FaultyCall] {
        var counts: [String: Int] = [:]
        return log.filter { !$0.request.isDryRun }.map { entry in
            counts[entry.request.action, default: 0] += 1
            return FaultyCall(
                action: entry.request.action, occurrence: counts[entry.request.action] ?? 0,
                isMutating: entry.request.isMutating)
        }
    }
}
