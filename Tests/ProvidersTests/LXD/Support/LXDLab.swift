import CurlTransport
import Foundation
import LXDClient
import TestSupport
import Workflow

@testable import Providers

/// A server of `scripts/lxd-lab` (`RealLXD`).
struct LXDLab: Sendable {
    /// The machine's own clock.
    struct Clock: WorkflowClock {
        func wallTime() -> WallTime {
            WallTime(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000))
        }

        func monotonicMilliseconds() -> Int64 { Int64(DispatchTime.now().uptimeNanoseconds / 1_000_000) }

        func sleep(for span: Span) async throws {
            try await ContinuousClock().sleep(for: span.duration)
        }
    }

    let client: LXDClient
    let clock = Clock()

    init() throws {
        client = LXDClient(
            settings: LXDSettings(endpoint: .socket(RealLXD.socket ?? "")), transport: try CurlTransport(), clock: clock
        )
    }

    /// A provider, whose calls are passed on by an interposer where there is one.
    func provider(_ interposer: Interposer? = nil) -> LXDProvider {
        LXDProvider(settings: LXDProvider.Settings(), client: interposer ?? client, clock: clock) {
            [client, clock] instance in
            LXDCommandRunner(client: client, instance: instance.id.rawValue, clock: clock)
        }
    }

    /// The fingerprint of the lab's image.
    func image() async throws -> ImageID {
        struct Alias: Decodable { var target: String }
        let alias = LXDResource("images", "aliases", "changeover-debian")
        return ImageID(try await client.read(alias, as: Alias.self).value.target)
    }

    /// A launch of an instance whose name begins with `prov-`.
    func launch(_ token: String, patch: PatchPolicy) async throws -> LaunchRequest {
        LaunchRequest(
            token: LaunchToken(token),
            specification: LaunchSpecification(
                image: try await image(), name: "prov-web", tags: ["role": "web"],
                properties: ["type": "container", "profiles": "[\"default\"]"], patch: patch),
            ownershipTags: [
                OwnershipTag.swap: "prov", OwnershipTag.token: token, OwnershipTag.role: "replacement",
            ])
    }

    /// Runs a test with a launch whose instance is deleted afterwards, whatever happens.
    func withLaunch(patch: PatchPolicy, _ body: (LaunchRequest) async throws -> Void) async throws {
        let request = try await launch("\(UUID())", patch: patch)
        let result: Result<Void, any Error>
        do { result = .success(try await body(request)) } catch { result = .failure(error) }
        if let left = try await provider().instance(launchedWith: request.token) { await remove(left.id) }
        try result.get()
    }

    private func remove(_ id: InstanceID) async {
        _ = try? await client.edit(id.rawValue, within: .seconds(10)) { definition throws(LXDError) in
            definition.config.removeValue(forKey: "security.protection.delete") != nil
        }
        _ = try? await until(.seconds(60)) { () -> Bool? in
            do { try await provider().terminate(id) } catch { return nil }
            return true
        }
    }

    /// Launches, again as long as the server is still at work, as the engine does.
    func launch(_ request: LaunchRequest, by cloud: LXDProvider) async throws -> Instance {
        let end = clock.monotonicMilliseconds() + Span.minutes(2).milliseconds
        while true {
            do throws(ProviderError) { return try await cloud.launch(request) } catch {
                guard error.isRetryable, clock.monotonicMilliseconds() < end else { throw error }
            }
        }
    }

    /// Waits until something is so; `nil` when it is not within the time.
    func until<Value>(
        _ limit: Span, _ look: () async throws -> Value?
    ) async throws -> Value? {
        let end = clock.monotonicMilliseconds() + limit.milliseconds
        while clock.monotonicMilliseconds() < end {
            if let found = try await look() { return found }
            try await clock.sleep(for: .milliseconds(100))
        }
        return nil
    }

    /// What LXD's own tool says.
    func lxc(_ arguments: String...) async throws -> String {
        let result = try await ControllerCommandRunner().run(
            Command(["lxc"] + arguments, environment: ["LXD_DIR": RealLXD.folder], timeout: .seconds(20)))
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Runs a shell script of the test's own on an instance.
    @discardableResult
    func run(_ script: String, on instance: Instance) async throws -> String {
        let result = try await provider().commandRunner(for: instance).run(
            Command(["sh", "-c", script], timeout: .seconds(30)))
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
