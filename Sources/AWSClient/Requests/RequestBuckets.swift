internal import Synchronization
internal import Workflow

/// Keeps calls within the rates that an account is granted, one token bucket per action.
///
/// EC2's figures are those of "Request throttling for the Amazon EC2 API" in its developer guide. Callers are served in
/// the order they ask: each takes its token at once, into debt if need be, and waits until the debt is refilled.
final class RequestBuckets: Sendable {
    struct Rate: Equatable {
        var capacity: Double
        var refillPerSecond: Double
    }

    private struct Bucket {
        var rate: Rate
        /// How much of the refill is used now; lowered when the service throttles, raised again by successes.
        var share = 1.0
        var tokens: Double
        var updated: Int64
    }

    /// What is assumed of a cloud that speaks AWS's language and has published no rates: its throttling alone slows down.
    static let unpublished = Rate(capacity: 1000, refillPerSecond: 200)

    private let clock: any WorkflowClock
    private let buckets = Mutex<[String: Bucket]>([:])

    init(clock: any WorkflowClock) {
        self.clock = clock
    }

    /// The rate that is granted for a service's bucket.
    static func rate(of service: AWSService, bucket: String) -> Rate {
        let special: [String: Rate] = [
            "CreateTags": Rate(capacity: 100, refillPerSecond: 10),
            "DescribeInstanceStatusUnfiltered": Rate(capacity: 50, refillPerSecond: 10),
            "DescribeInstancesUnfiltered": Rate(capacity: 50, refillPerSecond: 10),
            "RunInstances": Rate(capacity: 5, refillPerSecond: 2),
            "StartInstances": Rate(capacity: 5, refillPerSecond: 2),
            "TerminateInstances": Rate(capacity: 100, refillPerSecond: 5),
        ]
        let reads = ["Describe", "Get", "List"].contains { bucket.hasPrefix($0) }
        switch service.signingName {
        case "ec2":
            return special[bucket] ?? Rate(capacity: reads ? 100 : 50, refillPerSecond: reads ? 20 : 5)
        case "elasticloadbalancing":
            // "Request throttling for the Elastic Load Balancing API" gives 40 tokens to Describe*; the rest is our guess.
            return reads ? Rate(capacity: 40, refillPerSecond: 10) : Rate(capacity: 20, refillPerSecond: 3)
        default:
            // Their quotas are not published as buckets: cautious guesses, which throttling lowers further.
            return reads ? Rate(capacity: 40, refillPerSecond: 10) : Rate(capacity: 20, refillPerSecond: 5)
        }
    }

    /// Waits for a token; throws `CancellationError` on cancellation, and the token goes back.
    ///
    /// - Parameter isPublished: whether the call goes to AWS itself, whose rates are known.
    func take(_ call: AWSCall, isPublished: Bool = true) async throws {
        let key = key(call)
        let debt = buckets.withLock { buckets -> Double in
            var bucket = current(key, call, isPublished, in: buckets)
            bucket.tokens -= 1
            buckets[key] = bucket
            return max(0, -bucket.tokens) / (bucket.rate.refillPerSecond * bucket.share)
        }
        guard debt > 0 else { return try Task.checkCancellation() }
        do {
            try await clock.sleep(for: .milliseconds(Int64((debt * 1000).rounded(.up))))
        } catch {
            buckets.withLock { $0[key]?.tokens += 1 }
            throw error
        }
    }

    /// Slows a bucket down after the service has throttled: it is empty, and refills at half its rate.
    ///
    /// A cloud that has published no rates is held to have AWS's from then on.
    func throttled(_ call: AWSCall) {
        buckets.withLock { buckets in
            var bucket = current(key(call), call, true, in: buckets)
            bucket.tokens = min(bucket.tokens, 0)
            bucket.rate = Self.rate(of: call.service, bucket: call.bucket)
            bucket.share = max(0.1, bucket.share / 2)
            buckets[key(call)] = bucket
        }
    }

    /// Speeds a bucket up again after a success.
    func succeeded(_ call: AWSCall) {
        buckets.withLock { buckets in
            guard let share = buckets[key(call)]?.share, share < 1 else { return }
            var bucket = current(key(call), call, true, in: buckets)
            bucket.share = min(1, share + 0.05)
            buckets[key(call)] = bucket
        }
    }

    private func key(_ call: AWSCall) -> String { "\(call.service.signingName) \(call.bucket)" }

    private func current(
        _ key: String, _ call: AWSCall, _ isPublished: Bool, in buckets: [String: Bucket]
    ) -> Bucket {
        let now = clock.monotonicMilliseconds()
        guard var bucket = buckets[key] else {
            let rate = isPublished ? Self.rate(of: call.service, bucket: call.bucket) : Self.unpublished
            return Bucket(rate: rate, tokens: rate.capacity, updated: now)
        }
        let seconds = Double(max(0, now - bucket.updated)) / 1000
        bucket.tokens = min(
            bucket.rate.capacity, bucket.tokens + seconds * bucket.rate.refillPerSecond * bucket.share)
        bucket.updated = now
        return bucket
    }
}
