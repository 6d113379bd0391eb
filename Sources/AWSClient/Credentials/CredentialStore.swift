internal import Workflow

/// Holds the credentials and renews them in time, once for all callers.
///
/// They are renewed from 15 min before they expire, and more eagerly from 10 min before (the times are botocore's). A
/// failure is passed over as long as they are valid. Attempts keep a distance, since some sources give the same
/// credentials again until shortly before the end.
actor CredentialStore: CredentialSupply {
    typealias Load = @Sendable () async throws(AWSError) -> LoadedCredentials
    private typealias Waiter = CheckedContinuation<Result<LoadedCredentials, AWSError>, Never>

    static let advisory = Span.minutes(15)
    static let mandatory = Span.minutes(10)
    private static let advisoryPause = Span.minutes(1)
    private static let mandatoryPause = Span.seconds(5)

    private let clock: any WorkflowClock
    private let load: Load
    private var current: LoadedCredentials?
    private var lastAttempt: WallTime?
    private var isLoading = false
    private var waiters: [Int: Waiter] = [:]
    private var nextWaiter = 0

    init(clock: any WorkflowClock, load: @escaping Load) {
        self.clock = clock
        self.load = load
    }

    var canRenew: Bool { current?.canRenew ?? true }

    func credentials() async throws(AWSError) -> AWSCredentials? {
        guard let held = current else { return try await fresh().credentials }
        guard let expiry = held.expiry, held.canRenew else { return try valid(held).credentials }
        let left = expiry.since(clock.wallTime())
        guard left < Self.advisory else { return held.credentials }
        if left > .zero, let last = lastAttempt {
            let pause = left < Self.mandatory ? Self.mandatoryPause : Self.advisoryPause
            let passed = clock.wallTime().since(last)
            if passed >= .zero, passed < pause { return held.credentials }
        }
        do throws(AWSError) {
            return try await fresh().credentials
        } catch {
            guard error.kind != .cancelled, expiry.since(clock.wallTime()) > .zero else { throw error }
            return held.credentials
        }
    }

    func renewed(after used: AWSCredentials) async throws(AWSError) -> AWSCredentials? {
        if let held = current, held.credentials != used { return held.credentials }
        guard canRenew else { return nil }
        let new = try await fresh().credentials
        return new == used ? nil : new
    }

    private func valid(_ loaded: LoadedCredentials) throws(AWSError) -> LoadedCredentials {
        guard let expiry = loaded.expiry, expiry <= clock.wallTime() else { return loaded }
        throw AWSError(
            .expiredCredentials, action: "", detail: "the credentials have expired; provide new ones",
            isRetryable: loaded.canRenew)
    }

    /// Loads, or joins the loading in progress; cancelling a caller does not end what others wait for.
    private func fresh() async throws(AWSError) -> LoadedCredentials {
        if !isLoading {
            isLoading = true
            Task { await run() }
        }
        nextWaiter += 1
        let id = nextWaiter
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: Waiter) in
                if Task.isCancelled {
                    waiter.resume(returning: .failure(.cancelled("")))
                } else {
                    waiters[id] = waiter
                }
            }
        } onCancel: {
            Task { await self.cancel(id) }
        }
        return try valid(result.get())
    }

    private func run() async {
        let result: Result<LoadedCredentials, AWSError>
        do throws(AWSError) {
            result = .success(try await load())
        } catch {
            result = .failure(error)
        }
        if case .success(let loaded) = result { current = loaded }
        lastAttempt = clock.wallTime()
        isLoading = false
        let all = waiters.values
        waiters = [:]
        for waiter in all { waiter.resume(returning: result) }
    }

    private func cancel(_ id: Int) {
        waiters.removeValue(forKey: id)?.resume(returning: .failure(.cancelled("")))
    }
}
