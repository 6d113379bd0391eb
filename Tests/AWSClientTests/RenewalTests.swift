import Foundation
import Synchronization
import Testing
import Workflow

@testable import AWSClient

@Suite("Renewing credentials", .timeLimit(.minutes(5)))
struct RenewalTests {
    /// A source that gives numbered credentials, or fails, as the test says.
    private final class Source: Sendable {
        private struct State {
            var count = 0
            var failing = false
        }

        private let state = Mutex(State())
        let clock: LeapingClock
        let lifetime: Span?

        init(_ clock: LeapingClock, lifetime: Span?) {
            self.clock = clock
            self.lifetime = lifetime
        }

        var count: Int { state.withLock { $0.count } }
        func fail(_ failing: Bool) { state.withLock { $0.failing = failing } }

        func load() async throws(AWSError) -> LoadedCredentials {
            let (number, failing) = state.withLock { state in
                state.count += 1
                return (state.count, state.failing)
            }
            // Lets others come while this is under way.
            await Task.yield()
            guard !failing else { throw AWSError(.unreachable, action: "", detail: "down", isRetryable: true) }
            return LoadedCredentials(
                credentials: AWSCredentials(accessKeyID: "K\(number)", secretAccessKey: "s", sessionToken: nil),
                expiry: lifetime.map { clock.wallTime() + $0 }, canRenew: true)
        }

        var store: CredentialStore {
            CredentialStore(clock: clock) { () async throws(AWSError) in try await self.load() }
        }
    }

    @Test("From 15 minutes before the end, and only then")
    func advisory() async throws {
        let clock = LeapingClock()
        let store = Source(clock, lifetime: .hours(1)).store
        #expect(try await store.credentials()?.accessKeyID == "K1")
        clock.advance(by: .minutes(45))
        #expect(try await store.credentials()?.accessKeyID == "K1")
        clock.advance(by: .milliseconds(1))
        #expect(try await store.credentials()?.accessKeyID == "K2")
        #expect(try await store.credentials()?.accessKeyID == "K2")
    }

    @Test("A failure is passed over while the old ones are valid, and tried again after a while")
    func failing() async throws {
        let clock = LeapingClock()
        let source = Source(clock, lifetime: .hours(1))
        let store = source.store
        _ = try await store.credentials()
        source.fail(true)
        clock.advance(by: .minutes(46))
        #expect(try await store.credentials()?.accessKeyID == "K1")
        #expect(try await store.credentials()?.accessKeyID == "K1")
        #expect(source.count == 2)
        clock.advance(by: .minutes(1))
        #expect(try await store.credentials()?.accessKeyID == "K1")
        #expect(source.count == 3)
        clock.advance(by: .minutes(4))
        _ = try await store.credentials()
        clock.advance(by: .seconds(5))
        _ = try await store.credentials()
        #expect(source.count == 5)
        clock.advance(by: .minutes(10))
        let error = try await failure { () async throws(AWSError) in try await store.credentials() }
        #expect(error.detail == "down")
        source.fail(false)
        #expect(try await store.credentials()?.accessKeyID == "K7")
    }

    @Test("Many callers, one renewal")
    func once() async throws {
        let source = Source(LeapingClock(), lifetime: nil)
        let store = source.store
        let keys = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<100 { group.addTask { try await store.credentials()?.accessKeyID } }
            return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(keys == ["K1"])
        #expect(source.count == 1)
    }

    @Test("A cancelled caller leaves at once; the others get what it began")
    func cancelled() async throws {
        let (began, beginning) = AsyncStream<Void>.makeStream()
        let (gate, opening) = AsyncStream<Void>.makeStream()
        let store = CredentialStore(clock: LeapingClock()) { () async throws(AWSError) in
            beginning.yield()
            for await _ in gate { break }
            return LoadedCredentials(
                credentials: AWSCredentials(accessKeyID: "K", secretAccessKey: "s"), expiry: nil, canRenew: true)
        }
        let first = Task { try await failure { () async throws(AWSError) in try await store.credentials() } }
        for await _ in began { break }
        let second = Task { try await store.credentials()?.accessKeyID }
        first.cancel()
        #expect(try await first.value.kind == .cancelled)
        opening.yield()
        #expect(try await second.value == "K")
    }

    private func process(_ folder: TemporaryFolder) throws -> [String: String] {
        // Each run gives the next key; the last is "K2" for ever.
        let counter = "\(folder.path)/count"
        let script = try folder.write(
            "process.sh",
            "n=$(cat '\(counter)' 2>/dev/null || echo 0)\n[ $n -lt 2 ] && n=$((n+1))\necho $n > '\(counter)'\n"
                + "printf '{\"Version\":1,\"AccessKeyId\":\"RENEWKEY%s\",\"SecretAccessKey\":\"renewsecret\"}' $n\n")
        let config = try folder.write("config", "[default]\ncredential_process = sh '\(script)'\n")
        return [
            "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_CONFIG_FILE": config,
            "HOME": folder.path, "PATH": "/usr/bin:/bin",
        ]
    }

    @Test("Credentials that the service calls expired are renewed, and the step does not fail")
    func expired() async throws {
        let folder = try TemporaryFolder()
        let fixture = try await ClientFixture(
            [ClientFixture.refusal("ExpiredToken"), ClientFixture.success], environment: try process(folder))
        _ = try await fixture.client.query(ClientFixture.write)
        let keys = try await fixture.seen.map { $0.value("Authorization")?.contains("Credential=RENEWKEY1/") }
        #expect(keys == [true, false])
    }

    @Test("The source has no others: the call fails, and may succeed later")
    func noOthers() async throws {
        let folder = try TemporaryFolder()
        let fixture = try await ClientFixture(
            [ClientFixture.refusal("ExpiredToken"), ClientFixture.refusal("RequestExpired")],
            environment: try process(folder))
        let error = try await failure { () async throws(AWSError) in try await fixture.client.query(ClientFixture.read)
        }
        #expect(error.kind == .expiredCredentials)
        #expect(error.isRetryable)
        #expect(fixture.actions.names.count == 2)
    }

    @Test("The environment has no others, ever")
    func environment() async throws {
        let fixture = try await ClientFixture([ClientFixture.refusal("ExpiredToken")])
        let error = try await failure { () async throws(AWSError) in try await fixture.client.query(ClientFixture.read)
        }
        #expect(error.kind == .expiredCredentials)
        #expect(!error.isRetryable)
        #expect(fixture.actions.names.count == 1)
        let late = try await ClientFixture([], environment: ["AWS_CREDENTIAL_EXPIRATION": "2027-01-15T07:59:59Z"])
        let refused = try await failure { () async throws(AWSError) in try await late.client.query(ClientFixture.read) }
        #expect(refused.kind == .expiredCredentials)
        #expect(late.actions.names.isEmpty)
    }
}
