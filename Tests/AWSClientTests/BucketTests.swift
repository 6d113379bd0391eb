import TestSupport
import Testing
import Workflow

@testable import AWSClient

@Suite("Token buckets", .timeLimit(.minutes(5)))
struct BucketTests {
    private func call(_ action: String, _ service: AWSService = .ec2, bucket: String? = nil) -> AWSCall {
        AWSCall(service, action, repetition: .harmless, bucket: bucket)
    }

    @Test(
        "EC2's published rates",
        arguments: [
            ("DescribeInstances", 100.0, 20.0), ("DescribeInstancesUnfiltered", 50, 10), ("RunInstances", 5, 2),
            ("StartInstances", 5, 2), ("TerminateInstances", 100, 5), ("CreateTags", 100, 10), ("StopInstances", 50, 5),
        ])
    func rates(_ bucket: String, _ capacity: Double, _ refill: Double) {
        let rate = RequestBuckets.rate(of: .ec2, bucket: bucket)
        #expect(rate == RequestBuckets.Rate(capacity: capacity, refillPerSecond: refill))
    }

    @Test("A full bucket, then its refill; every bucket by itself")
    func refill() async throws {
        let clock = LeapingClock()
        let buckets = RequestBuckets(clock: clock)
        for _ in 0..<5 { try await buckets.take(call("RunInstances")) }
        #expect(clock.naps.isEmpty)
        try await buckets.take(call("StartInstances"))
        try await buckets.take(call("RunInstances", .elbv2))
        #expect(clock.naps.isEmpty)
        for _ in 0..<3 { try await buckets.take(call("RunInstances")) }
        #expect(clock.naps == [500, 500, 500])
        clock.advance(by: .hours(1))
        for _ in 0..<5 { try await buckets.take(call("RunInstances")) }
        #expect(clock.naps.count == 3)
    }

    @Test("Another cloud than AWS is held back only once it throttles, and then as AWS would be")
    func unpublished() async throws {
        let clock = LeapingClock()
        let buckets = RequestBuckets(clock: clock)
        let wanted = call("RunInstances")
        for _ in 0..<500 { try await buckets.take(wanted, isPublished: false) }
        #expect(clock.naps.isEmpty)
        buckets.throttled(wanted)
        try await buckets.take(wanted, isPublished: false)
        #expect(clock.naps == [1000])
        #expect(try Endpoint("https://ec2.eu-central-1.amazonaws.com").isAWS)
        #expect(try Endpoint("https://ec2.cn-north-1.amazonaws.com.cn").isAWS)
        #expect(try !Endpoint("http://127.0.0.1:5000").isAWS)
        #expect(try !Endpoint("https://amazonaws.com.example.org").isAWS)
    }

    @Test("Callers are served in the order they came")
    func order() async throws {
        let clock = ManualClock()
        let buckets = RequestBuckets(clock: clock)
        for _ in 0..<5 { try await buckets.take(call("RunInstances")) }
        let (served, serving) = AsyncStream<Int>.makeStream()
        var tasks: [Task<Void, any Error>] = []
        for number in 0..<4 {
            let wanted = call("RunInstances")
            tasks.append(
                Task {
                    try await buckets.take(wanted)
                    serving.yield(number)
                })
            try await clock.waitForSleepers(number + 1)
        }
        var iterator = served.makeAsyncIterator()
        for number in 0..<4 {
            clock.advance(by: .milliseconds(500))
            #expect(await iterator.next() == number)
        }
        for task in tasks { try await task.value }
    }

    @Test("Who is cancelled while waiting gives the token back")
    func cancelled() async throws {
        let clock = ManualClock()
        let buckets = RequestBuckets(clock: clock)
        let wanted = call("RunInstances")
        for _ in 0..<5 { try await buckets.take(wanted) }
        let task = Task { try await buckets.take(wanted) }
        try await clock.waitForSleepers(1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        clock.advance(by: .milliseconds(500))
        try await buckets.take(wanted)
    }

    @Test("Throttling slows a bucket down, successes speed it up again")
    func adaptive() async throws {
        let clock = LeapingClock()
        let buckets = RequestBuckets(clock: clock)
        let wanted = call("DescribeInstances")
        buckets.throttled(wanted)
        try await buckets.take(wanted)
        #expect(clock.naps == [100])
        for _ in 0..<10 { buckets.succeeded(wanted) }
        clock.advance(by: .hours(1))
        for _ in 0..<101 { try await buckets.take(wanted) }
        #expect(clock.naps == [100, 50])
    }

    @Test("The quota of repetitions is used up by failures and refilled by successes")
    func quota() {
        let quota = RetryQuota()
        for _ in 0..<100 { #expect(quota.take(RetryQuota.cost)) }
        #expect(!quota.take(RetryQuota.cost))
        for _ in 0..<4 { quota.succeeded(after: nil) }
        #expect(!quota.take(RetryQuota.cost))
        quota.succeeded(after: nil)
        #expect(quota.take(RetryQuota.cost))
        quota.succeeded(after: RetryQuota.timeoutCost)
        #expect(quota.take(RetryQuota.timeoutCost))
    }
}
