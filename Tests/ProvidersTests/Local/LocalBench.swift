import Foundation
import Glibc
import Testing
import Workflow

@testable import Providers

/// The machine's own clocks.
struct SystemTestClock: WorkflowClock {
    func wallTime() -> WallTime { WallTime(milliseconds: read(CLOCK_REALTIME)) }
    func monotonicMilliseconds() -> Int64 { read(CLOCK_MONOTONIC) }
    func sleep(for span: Span) async throws { try await ContinuousClock().sleep(for: span.duration) }

    private func read(_ id: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(id, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// A wall clock that a test sets; waiting is real.
final class SettableClock: WorkflowClock, @unchecked Sendable {
    private let lock = NSLock()
    private var offset: Int64 = 0

    func advance(by span: Span) { lock.withLock { offset += span.milliseconds } }
    func wallTime() -> WallTime {
        WallTime(milliseconds: SystemTestClock().wallTime().milliseconds + lock.withLock { offset })
    }
    func monotonicMilliseconds() -> Int64 { SystemTestClock().monotonicMilliseconds() }
    func sleep(for span: Span) async throws { try await SystemTestClock().sleep(for: span) }
}

/// A provider on a temporary root with a freshly built demo image and repository.
final class LocalBench: Sendable {
    let folder: String
    let provider: LocalProvider
    let clock = SettableClock()

    private init() async throws {
        folder = "/tmp/changeover-local-\(UUID().uuidString.prefix(8))"
        provider = LocalProvider(
            name: ProviderName("local"), root: "\(folder)/root", images: "\(folder)/images", clock: clock,
            stopTimeout: .seconds(5))
        try await script(["build", folder])
    }

    /// Runs a test on a bench of its own and leaves neither process nor file behind, however the test ends.
    static func use(_ test: (LocalBench) async throws -> Void) async throws {
        let bench = try await LocalBench()
        let result: Result<Void, any Error>
        do {
            try await test(bench)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try await bench.tearDown()
        try result.get()
    }

    /// Runs `scripts/local-image`.
    func script(_ arguments: [String]) async throws {
        let tests = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        let path = tests.appending(path: "../../../scripts/local-image").standardizedFileURL.path
        let result = try await ControllerCommandRunner().run(Command([path] + arguments, timeout: .seconds(60)))
        try #require(result.exitCode == 0, "\(result.errorOutput)")
    }

    /// A launch of the demo image.
    func request(
        _ token: String = UUID().uuidString, image: String = "demo", patch: Bool = true,
        properties: [String: String] = [:], tags: [String: String] = [:]
    ) -> LaunchRequest {
        var properties = properties
        if !patch { properties["firstBootPatch"] = "no" }
        return LaunchRequest(
            token: LaunchToken(token),
            specification: LaunchSpecification(
                image: ImageID(image), name: "web", tags: tags, properties: properties, patch: PatchPolicy()),
            ownershipTags: [OwnershipTag.token: token])
    }

    /// Launches and waits until first boot has ended well and the service answers.
    func launchServing(_ request: LaunchRequest) async throws -> Instance {
        let instance = try await provider.launch(request)
        try await eventually("first boot of \(instance.id)") {
            try await self.provider.firstBoot(of: instance.id) == .finished
        }
        try await eventually("service of \(instance.id)") { try await self.get("/health", of: instance) != nil }
        return try #require(try await provider.instance(instance.id))
    }

    /// The body of a path of an instance's service; `nil` unless it answers 200.
    func get(_ path: String, of instance: Instance) async throws -> String? {
        let address = try #require(instance.address)
        let result = try await ControllerCommandRunner().run(
            Command(["curl", "-sf", "--max-time", "5", "http://\(address):8080\(path)"]))
        return result.exitCode == 0 ? result.output : nil
    }

    /// The supervisor's process id.
    func supervisor(of instance: Instance) throws -> pid_t {
        let text = try #require(ProcessTable.read(provider.layout.folder(of: instance.id.rawValue).process))
        return try #require(ProcessIdentity(text: text)).process
    }

    /// All live processes of an instance.
    func processes(of instance: Instance) -> [pid_t] {
        ProcessTable.processes(
            with: "CHANGEOVER_INSTANCE_FOLDER", provider.layout.folder(of: instance.id.rawValue).path)
    }

    private func tearDown() async throws {
        for record in try provider.records() { try provider.supervisor(of: record).end() }
        try FileManager.default.removeItem(atPath: folder)
    }
}

/// Looks every 20 ms, for at most 20 s, whether the condition holds; records an issue when it never does.
func eventually(
    _ what: String, _ condition: () async throws -> Bool, location: SourceLocation = #_sourceLocation
) async throws {
    for _ in 0..<1000 {
        if try await condition() { return }
        try await SystemTestClock().sleep(for: .milliseconds(20))
    }
    Issue.record("never came true: \(what)", sourceLocation: location)
    throw CancellationError()
}
