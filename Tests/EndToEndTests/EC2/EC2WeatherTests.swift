import Foundation
import Providers
import TestSupport
import Testing
import Workflow

/// A cloud as it is on a bad day: reads lag behind, machines take their time, and the account's requests are limited.
@Suite struct EC2WeatherTests {
    private static func bench(_ facade: EC2Facade, _ environment: [String: String]) throws -> CloudBench {
        try CloudBench(environment: CloudBench.endpoint(facade.port).merging(environment) { $1 })
    }

    private static func keys(_ facade: EC2Facade) -> [String: String] {
        let keys = facade.issueCredentials()
        return CloudBench.keys(keys.accessKey, keys.secret, token: keys.sessionToken)
    }

    /// Runs `body` in a world of its own.
    private func with(
        _ settings: EC2Facade.Settings, environment: (EC2Facade) -> [String: String] = EC2WeatherTests.keys,
        _ body: (EC2Facade, CloudBench) async throws -> Void
    ) async throws {
        try await Turnstile.shared.pass(.several) {
            let facade = try EC2Facade(settings)
            defer { facade.stop() }
            let bench = try Self.bench(facade, environment(facade))
            do {
                try await body(facade, bench)
            } catch {
                await bench.end()
                throw error
            }
            await bench.end()
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func readsThatLagBehindChangeNothing(_ seed: UInt64) async throws {
        var settings = EC2Facade.Settings()
        settings.seed = seed
        settings.cloud.lag = .milliseconds(1500)
        settings.cloud.boot = .milliseconds(200)...(.milliseconds(900))
        settings.cloud.stop = .milliseconds(200)...(.milliseconds(900))
        settings.initialHealth = .milliseconds(400)
        try await with(settings) { facade, bench in
            let original = facade.addInstance(name: "web-1")
            let group = facade.addTargetGroup(name: "web", port: 8080, instances: [original])
            try bench.write(CloudBench.playbook(route: CloudBench.targetGroup(group)), to: "playbook.yaml")
            let swap = try await bench.swap()
            var instances = facade.snapshot.instances
            #expect(instances.map(\.state) == ["stopped", "running"], "\(facade.snapshot)")
            #expect(instances.map(\.groups) == [[], ["web"]])
            let undo = try await bench.run(["undo", swap])
            #expect(undo.code == 0, "\(undo.transcript)")
            instances = facade.snapshot.instances
            #expect(instances.map(\.state) == ["running", "terminated"], "\(facade.snapshot)")
            #expect(instances.map(\.groups) == [["web"], []])
            let refused = Set(facade.log.compactMap(\.refusal))
            print("lag, seed \(seed): \(facade.log.count) requests, refused: \(refused.sorted())")
        }
    }

    /// The limits that AWS publishes for an account and region, at another cloud: the first refusals make them known.
    @Test func manyAtOnceStayWithinTheAccountsLimits() async throws {
        let count = 10
        var settings = EC2Facade.Settings()
        for action in ["CreateTags", "DescribeInstances"] { settings.buckets[action] = EC2Facade.Bucket(100, 10) }
        for action in ["RunInstances", "StartInstances"] { settings.buckets[action] = EC2Facade.Bucket(5, 2) }
        for action in ["StopInstances", "AssociateAddress"] { settings.buckets[action] = EC2Facade.Bucket(50, 5) }
        settings.deregistrationDelay = .milliseconds(200)
        try await with(settings) { facade, bench in
            let originals = (1...count).map { facade.addInstance(name: "web-\($0)", tags: ["fleet": "web"]) }
            let group = facade.addTargetGroup(name: "web", port: 8080, instances: originals)
            try bench.write(
                CloudBench.playbook(route: CloudBench.targetGroup(group)) + "select: {tags: {fleet: web}}\n",
                to: "playbook.yaml")
            let run = try await bench.run([
                "swap", "--playbook", "playbook.yaml", "--max-in-flight", "\(count)", "--yes", "--output", "json",
            ])
            #expect(run.code == 0, "\(run.transcript)")
            let instances = facade.snapshot.instances
            #expect(instances.count == 2 * count)
            #expect(instances.prefix(count).allSatisfy { $0.state == "stopped" && $0.groups.isEmpty })
            #expect(instances.suffix(count).allSatisfy { $0.state == "running" && $0.groups == ["web"] })
            let refusals = facade.log.filter { $0.refusal != nil }
            #expect(refusals.count <= 2 * count, "\(refusals.map(\.request.action))")
            print("\(count) at once: \(facade.log.count) requests, \(facade.counts.sorted { $0.key < $1.key })")
        }
    }

    /// A limit that the client cannot know of slows it down and no more.
    @Test func tighterLimitsOnlySlowItDown() async throws {
        var settings = EC2Facade.Settings()
        for action in ["DescribeTargetHealth", "RunInstances", "RegisterTargets", "CreateTags"] {
            settings.buckets[action] = EC2Facade.Bucket(2, 2)
        }
        // What is waited for is looked at every second at least, also by a slow machine: some of that is refused.
        settings.buckets["DescribeInstances"] = EC2Facade.Bucket(1, 0.5)
        try await with(settings) { facade, bench in
            let original = facade.addInstance(name: "web-1")
            let group = facade.addTargetGroup(name: "web", port: 8080, instances: [original])
            try bench.write(CloudBench.playbook(route: CloudBench.targetGroup(group)), to: "playbook.yaml")
            _ = try await bench.swap()
            #expect(facade.snapshot.instances.map(\.state) == ["stopped", "running"], "\(facade.snapshot)")
            let refused = facade.log.filter { $0.refusal != nil }
            #expect(refused.contains { $0.refusal == "RequestLimitExceeded" || $0.refusal == "Throttling" })
            print("one look in two seconds: \(facade.log.count) requests, \(refused.count) refused")
        }
    }

    /// Credentials that expire in the middle are renewed by the program that the profile names.
    @Test func credentialProcessRenewsWhatExpires() async throws {
        try await with(EC2Facade.Settings(), environment: { _ in ["AWS_PROFILE": "renewing"] }) { facade, bench in
            try bench.write(Self.renewer(port: facade.port), to: "renew.py")
            try bench.write(
                "[profile renewing]\ncredential_process = python3 \(bench.folder)/renew.py\n", to: ".aws/config")
            let original = facade.addInstance(name: "web-1")
            let group = facade.addTargetGroup(name: "web", port: 8080, instances: [original])
            let playbook = CloudBench.playbook(route: CloudBench.targetGroup(group))
            try bench.write(
                playbook.replacingOccurrences(of: "approval: auto", with: "approval: ask"), to: "playbook.yaml")
            let driver = try bench.changeover([
                "swap", "web-1", "--playbook", "playbook.yaml", "--wait", "--output", "jsonl",
            ])
            try await eventually("it waits for approval", else: { driver.transcript }) {
                SwapLine.lines(of: driver.output).contains { $0.state == "awaitingApproval" }
            }
            facade.expireCredentials()
            let swap = try #require(SwapLine.lines(of: driver.output).first?.swap)
            #expect(try await bench.run(["approve", swap]).code == 0)
            #expect(try await driver.end() == 0, "\(driver.transcript)")
            #expect(facade.snapshot.instances.map(\.state) == ["stopped", "running"], "\(facade.snapshot)")
            let used = Set(facade.log.map(\.accessKey).filter { !$0.isEmpty })
            #expect(used.count == 2, "\(used)")
            #expect(facade.log.contains { $0.refusal == "RequestExpired" || $0.refusal == "ExpiredToken" })
        }
    }

    private static func renewer(port: Int) -> String {
        """
        import json, urllib.request
        found = json.load(urllib.request.urlopen("http://127.0.0.1:\(port)\(EC2Facade.credentialsPath)"))
        print(json.dumps({
            "Version": 1, "AccessKeyId": found["AccessKeyId"], "SecretAccessKey": found["SecretAccessKey"],
            "SessionToken": found["Token"], "Expiration": found["Expiration"],
        }))

        """
    }
}
