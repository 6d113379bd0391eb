import Foundation
import TestSupport
import Testing

/// What a cloud refuses is said in words that tell what to do, with exit code 4, and leaves the cloud as it was.
@Suite struct EC2RefusalTests {
    /// One reason for a refusal.
    struct Reason: Sendable, CustomStringConvertible {
        var name: String
        /// What the message must contain, whatever its case.
        var fragments: [String]
        var tags: [String: String] = [:]
        var isProtected = false
        var launch = "{image: same}"
        var environment: [String: String?] = [:]
        var refusal: CloudRefusal?
        var expires = false

        var description: String { name }
    }

    static let reasons: [Reason] = [
        Reason(name: "wrong region", fragments: ["region"], environment: ["AWS_REGION": "us-west-2"]),
        Reason(
            name: "no credentials", fragments: ["credentials"],
            environment: [
                "AWS_ACCESS_KEY_ID": nil, "AWS_SECRET_ACCESS_KEY": nil, "AWS_SESSION_TOKEN": nil,
                "AWS_EC2_METADATA_DISABLED": "true",
            ]),
        Reason(name: "expired credentials", fragments: ["expired"], expires: true),
        Reason(
            name: "no permission", fragments: ["permission", "RunInstances"],
            refusal: CloudRefusal(
                "UnauthorizedOperation", "You are not authorized to perform this operation.", status: 403)),
        Reason(name: "protected instance", fragments: ["protected against termination"], isProtected: true),
        Reason(
            name: "Auto Scaling member", fragments: ["Auto Scaling group web-asg", "instance refresh"],
            tags: ["aws:autoscaling:groupName": "web-asg"]),
        Reason(
            name: "unknown image", fragments: ["ami-0123456789abcdef0", "image"],
            launch: "{image: {id: ami-0123456789abcdef0}}"),
        Reason(
            name: "subnet full", fragments: ["subnet is full"],
            refusal: CloudRefusal(
                "InsufficientFreeAddressesInSubnet",
                "There are not enough free addresses in subnet 'subnet-0000000000000000a' to satisfy the requested number."
            )),
        Reason(
            name: "quota", fragments: ["limit of the account"],
            refusal: CloudRefusal(
                "VcpuLimitExceeded", "You have requested more vCPU capacity than your current vCPU limit of 32 allows.")
        ),
        Reason(
            name: "no capacity", fragments: ["no room"],
            refusal: CloudRefusal(
                "InsufficientInstanceCapacity",
                "We currently do not have sufficient t3.micro capacity in the Availability Zone you requested.",
                status: 500)),
    ]

    @Test(arguments: reasons) func isRefusedAndNothingIsChanged(_ reason: Reason) async throws {
        try await Turnstile.shared.pass(.one) {
            let facade = try EC2Facade()
            defer { facade.stop() }
            let keys = facade.issueCredentials()
            let bench = try CloudBench(
                environment: CloudBench.endpoint(facade.port).merging(
                    CloudBench.keys(keys.accessKey, keys.secret, token: keys.sessionToken)
                ) { $1 })
            do {
                try await check(reason, facade, bench)
            } catch {
                await bench.end()
                throw error
            }
            await bench.end()
        }
    }

    /// In another region, to which the credentials are good as well, there is no such instance.
    @Test(.enabled(if: MotoWorld.obstacle == nil, "\(MotoWorld.obstacle ?? "")"))
    func elsewhereThereIsNoSuchInstance() async throws {
        try await MotoWorld.with { world in
            try world.writeTargetGroupPlaybook()
            let before = try await world.look()
            let run = try await world.bench.run(
                ["swap", "web-1", "--playbook", "playbook.yaml", "--yes"], environment: ["AWS_REGION": "us-west-2"])
            #expect(run.code == 4, "\(run.transcript)")
            #expect(run.errors.contains("web-1") && run.errors.contains("us-west-2"), "\(run.transcript)")
            #expect(try await world.look() == before)
            #expect(try world.counts().keys.allSatisfy { $0.hasPrefix("Describe") })
            print("refused, elsewhere: exit code \(run.code): \(run.errors)")
        }
    }

    private func check(_ reason: Reason, _ facade: EC2Facade, _ bench: CloudBench) async throws {
        let original = facade.addInstance(name: "web-1", tags: reason.tags, isProtected: reason.isProtected)
        let group = facade.addTargetGroup(name: "web", port: 8080, instances: [original])
        try bench.write(
            CloudBench.playbook(route: CloudBench.targetGroup(group), launch: reason.launch), to: "playbook.yaml")
        if let refusal = reason.refusal { facade.refuse("RunInstances", with: refusal) }
        if reason.expires { facade.expireCredentials() }
        let before = facade.snapshot
        let run = try await bench.run(
            ["swap", "web-1", "--playbook", "playbook.yaml", "--yes"], environment: reason.environment)
        #expect(run.code == 4, "\(run.transcript)")
        let words = run.output + run.errors
        for fragment in reason.fragments {
            #expect(words.localizedCaseInsensitiveContains(fragment), "\(fragment) is not in: \(run.transcript)")
        }
        #expect(facade.snapshot == before, "\(facade.snapshot)")
        let message = run.errors.isEmpty ? run.output : run.errors
        print(
            "refused, \(reason.name): exit code \(run.code): \(message.split(separator: "\n").suffix(3).joined(separator: " / "))"
        )
    }
}
