internal import CurlTransport
internal import Synchronization
internal import Workflow

/// Sends calls: signed, at the granted rate, repeated where that is allowed.
final class RequestSender: Sendable {
    /// Bounds waiting between attempts ("Retry behavior" in the SDKs' reference guide).
    static let longestPause = 20.0
    /// A difference of the clocks that signatures survive with certainty; AWS allows 5 min.
    static let harmlessSkew = Span.minutes(4)
    static let maxErrorBytes = 256 * 1024
    static let maxAnswerBytes = 64 * 1024 * 1024

    let transport: CurlTransport
    let clock: any WorkflowClock
    let random: @Sendable () -> Double
    let onRequest: @Sendable (String) -> Void
    let secrets = SecretRegister()
    let buckets: RequestBuckets
    let quota = RetryQuota()
    /// How much the services' clock is ahead of ours, in milliseconds.
    private let skew = Mutex<Int64>(0)

    init(
        transport: CurlTransport, clock: any WorkflowClock, random: @escaping @Sendable () -> Double,
        onRequest: @escaping @Sendable (String) -> Void
    ) {
        self.transport = transport
        self.clock = clock
        self.random = random
        self.onRequest = onRequest
        buckets = RequestBuckets(clock: clock)
    }

    /// What one call's repetitions have used up so far.
    private struct Progress {
        var attempt = 1
        var lastCost: Int?
        var hasRenewed = false
        var hasCorrected = false
        /// Whether the service may have acted on one of the attempts.
        var mayHaveActed = false
    }

    /// What an attempt came to.
    enum Outcome<Answer: Sendable>: Sendable {
        case answer(Answer)
        case failure(AttemptFailure)
    }

    /// Makes a call; `read` consumes the body of a successful answer.
    func perform<Answer: Sendable>(
        _ call: AWSCall, settings: ResolvedSettings, supply: any CredentialSupply,
        read: (HTTPBodyChunks) async -> Outcome<Answer>
    ) async throws(AWSError) -> Answer {
        do throws(AWSError) {
            var progress = Progress()
            let maxAttempts = try settings.maxAttempts()
            let isPublished = try settings.endpoint(of: call.service).isAWS
            var credentials = try await supply.credentials()
            while true {
                if let credentials { secrets.add(credentials.secrets) }
                do {
                    try await buckets.take(call, isPublished: isPublished)
                } catch {
                    throw AWSError.cancelled(call.action)
                }
                let signingTime = now()
                let outcome = await attempt(
                    call, settings: settings, credentials: credentials, at: signingTime, read: read)
                switch outcome {
                case .answer(let answer):
                    buckets.succeeded(call)
                    quota.succeeded(after: progress.lastCost)
                    return answer
                case .failure(var failure):
                    // A refusal says nothing of the attempts before it whose answers were lost.
                    failure.error.isUncertain = failure.error.isUncertain || progress.mayHaveActed
                    progress.mayHaveActed = progress.mayHaveActed || failure.mayHaveActed
                    if failure.error.kind == .throttled { buckets.throttled(call) }
                    if correctClock(failure, signedAt: signingTime, &progress) { continue }
                    if failure.error.kind == .expiredCredentials, !progress.hasRenewed, let used = credentials {
                        progress.hasRenewed = true
                        credentials = try await renewed(after: used, supply, failure.error)
                        continue
                    }
                    guard failure.mayRepeat, progress.attempt < maxAttempts,
                        quota.take(failure.isTimeout ? RetryQuota.timeoutCost : RetryQuota.cost)
                    else { throw await concluded(failure.error, supply) }
                    progress.lastCost = failure.isTimeout ? RetryQuota.timeoutCost : RetryQuota.cost
                    try await pause(after: progress.attempt, call)
                    progress.attempt += 1
                    // They may have been renewed meanwhile.
                    credentials = try await supply.credentials()
                }
            }
        } catch {
            throw secrets.redact(error.during(call.action))
        }
    }

    /// The service's present time, as far as it is known.
    func now() -> WallTime {
        clock.wallTime() + .milliseconds(skew.withLock { $0 })
    }

    private func renewed(
        after used: AWSCredentials, _ supply: any CredentialSupply, _ error: AWSError
    ) async throws(AWSError) -> AWSCredentials {
        guard let new = try await supply.renewed(after: used) else { throw await concluded(error, supply) }
        return new
    }

    /// The error as it is thrown: expired credentials are worth another try where new ones can come from.
    private func concluded(_ error: AWSError, _ supply: any CredentialSupply) async -> AWSError {
        guard error.kind == .expiredCredentials else { return error }
        var error = error
        error.isRetryable = await supply.canRenew
        return error
    }

    /// Sets our clock by the service's when a signature was refused and they differ; once per call.
    private func correctClock(_ failure: AttemptFailure, signedAt: WallTime, _ progress: inout Progress) -> Bool {
        guard !progress.hasCorrected, ErrorCodes.clock.contains(failure.error.serviceCode ?? ""),
            let date = failure.date
        else { return false }
        let difference = date.since(signedAt)
        guard difference > harmless || difference < Span(milliseconds: -harmless.milliseconds) else { return false }
        progress.hasCorrected = true
        skew.withLock { $0 = date.since(clock.wallTime()).milliseconds }
        return true
    }

    private var harmless: Span { Self.harmlessSkew }

    /// Waits a random part of 1, 2, 4 … seconds ("full jitter").
    private func pause(after attempt: Int, _ call: AWSCall) async throws(AWSError) {
        let longest = attempt > 5 ? Self.longestPause : min(Self.longestPause, Double(1 << (attempt - 1)))
        let span = Span(milliseconds: Int64(random() * longest * 1000))
        do {
            try await clock.sleep(for: span)
        } catch {
            throw AWSError.cancelled(call.action)
        }
    }
}
