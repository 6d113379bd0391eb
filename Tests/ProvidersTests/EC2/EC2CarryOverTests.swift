import AWSClient
import TestSupport
import Testing
import Workflow

@testable import Providers

@Suite("What a replacement cannot be given, and what it is given")
struct EC2CarryOverTests {
    private func observation(_ item: AWSElement) throws -> EC2Observation {
        try EC2InstanceDecoder.observation(from: item, usesPublicAddress: false)
    }

    private func codes(
        _ item: AWSElement, _ facts: EC2OriginalFacts = EC2OriginalFacts(),
        _ severity: PreflightFinding.Severity = .obstacle
    ) throws -> [String] {
        EC2CarryOver(observation: try observation(item), facts: facts).findings
            .filter { $0.severity == severity }.map(\.code)
    }

    @Test("An ordinary instance has no obstacle")
    func ordinary() throws {
        #expect(try codes(instanceItem()).isEmpty)
        #expect(try codes(instanceItem(), EC2OriginalFacts(), .note) == ["private-address", "disk"])
    }

    @Test("Each obstacle is named, and alone")
    func obstacles() throws {
        let group = ["Name": "w", "aws:autoscaling:groupName": "fleet"]
        #expect(try codes(instanceItem(tags: group)) == ["auto-scaling"])
        #expect(try codes(instanceItem(fields: ["instanceLifecycle": "spot"])) == ["spot"])
        #expect(try codes(instanceItem(fields: ["rootDeviceType": "instance-store"])) == ["instance-store"])
        #expect(try codes(instanceItem(fields: ["outpostArn": "arn:o"])) == ["outpost"])
        #expect(try codes(instanceItem(fields: ["sourceDestCheck": "false"])) == ["source-destination-check"])
        #expect(try codes(instanceItem(), EC2OriginalFacts(isTerminationProtected: true)) == ["termination-protection"])
        #expect(try codes(instanceItem(), EC2OriginalFacts(isStopProtected: true)) == ["stop-protection"])
        #expect(
            try codes(instanceItem(interfaces: [interfaceItem(), interfaceItem(index: 1)])) == ["network-interface"])
        #expect(try codes(instanceItem(interfaces: [interfaceItem(secondary: ["10.0.0.6"])])) == ["secondary-address"])
        let many = Dictionary(uniqueKeysWithValues: (0..<46).map { ("k\($0)", "v") })
        #expect(try codes(instanceItem(tags: many)) == ["tags"])
    }

    @Test("Volumes: what was there at launch is made anew, all else is refused by name")
    func volumes() throws {
        let root = volumeItem("/dev/xvda", "vol-1")
        let own = volumeItem("/dev/sdf", "vol-2", at: "2026-11-23T06:10:40.000Z")
        #expect(try codes(instanceItem(volumes: [root, own])).isEmpty)
        #expect(try codes(instanceItem(volumes: [root, own]), EC2OriginalFacts(), .warning) == ["volume"])
        let later = volumeItem("/dev/sdf", "vol-2", at: "2026-11-24T06:10:40.000Z")
        #expect(try codes(instanceItem(volumes: [root, later])) == ["volume"])
        let kept = volumeItem("/dev/sdf", "vol-2", deleted: false)
        let findings = EC2CarryOver(
            observation: try observation(instanceItem(volumes: [root, kept])), facts: EC2OriginalFacts()
        ).findings
        #expect(findings.contains { $0.severity == .obstacle && $0.message.contains("vol-2") })
    }

    @Test("Public and elastic addresses are told apart")
    func addresses() throws {
        let elastic = instanceItem(interfaces: [interfaceItem(publicOwner: "123456789012")])
        #expect(try codes(elastic, EC2OriginalFacts(), .warning) == ["elastic-address"])
        let own = instanceItem(interfaces: [interfaceItem(publicOwner: "amazon")])
        #expect(try codes(own, EC2OriginalFacts(), .note).contains("public-address"))
    }

    private func properties(
        _ item: AWSElement, inherit: Set<InheritedProperty>? = nil, image: EC2Image? = nil,
        facts: EC2OriginalFacts = EC2OriginalFacts(credits: "unlimited", shutdownBehavior: "terminate")
    ) throws -> [String: String] {
        EC2Inheritance(
            observation: try observation(item), facts: facts,
            disks: [
                "/dev/xvda": EC2Disk(text: "size=8 type=gp3 snapshot=snap-1"),
                "/dev/sdf": EC2Disk(text: "size=50 type=gp3 snapshot=snap-2"),
            ],
            image: image ?? EC2Image(id: ImageID("ami-11111111")), userDataDigest: "d",
            choices: LaunchChoices(inherit: inherit)
        ).properties
    }

    @Test("Everything is inherited unless the playbook lists what is")
    func inherit() throws {
        let all = try properties(instanceItem())
        #expect(all["type"] == "t3.small" && all["subnet"] == "subnet-1" && all["securityGroups"] == "sg-1,sg-2")
        #expect(all["role"] == "arn:aws:iam::1:instance-profile/web" && all["key"] == "ops")
        #expect(all["credits"] == "unlimited" && all["metadata.httpTokens"] == "required")
        #expect(all["userDataDigest"] == "d" && all["shutdownBehavior"] == "terminate")
        #expect(all["publicAddress"] == "false" && all["disk./dev/xvda"] == "size=8 type=gp3 deleted=true")
        let some = try properties(instanceItem(), inherit: [.type, .key])
        #expect(some == ["type": "t3.small", "key": "ops", "ebsOptimized": "true"])
    }

    @Test("Another image's root device and size win, and its own data disks bring their own content")
    func otherImage() throws {
        var image = EC2Image(id: ImageID("ami-22222222"))
        image.rootDeviceName = "/dev/sda1"
        image.sizes = ["/dev/sda1": 20, "/dev/sdf": 10]
        let item = instanceItem(volumes: [volumeItem("/dev/xvda", "vol-1"), volumeItem("/dev/sdf", "vol-2")])
        let found = try properties(item, image: image)
        #expect(found["disk./dev/sda1"] == "size=20 type=gp3 deleted=true")
        #expect(found["disk./dev/xvda"] == nil)
        #expect(found["disk./dev/sdf"] == "size=50 type=gp3 deleted=true")
        #expect(try properties(item)["disk./dev/sdf"] == "size=50 type=gp3 snapshot=snap-2 deleted=true")
    }

    @Test("Neither AWS's nor our own tags are inherited")
    func tags() throws {
        let item = instanceItem(tags: ["Name": "w", "aws:x": "1", "changeover:swap": "s", "a": "b"])
        #expect(EC2Inheritance.tags(of: try observation(item).instance) == ["Name": "w", "a": "b"])
    }

    private func subnet(_ id: String, _ zone: String, _ free: Int, _ isPublic: Bool) throws -> EC2Subnet {
        try #require(
            EC2Subnet(
                element(
                    "item",
                    [
                        "subnetId": id, "availabilityZone": zone, "availableIpAddressCount": "\(free)",
                        "mapPublicIpOnLaunch": "\(isPublic)",
                    ])))
    }

    @Test("A zone means its roomiest subnet that is as public as the original's")
    func zone() throws {
        let subnets = [
            try subnet("subnet-1", "a", 5, false), try subnet("subnet-2", "b", 100, true),
            try subnet("subnet-3", "b", 10, false), try subnet("subnet-4", "b", 20, false),
        ]
        let original = try observation(instanceItem()).instance
        #expect(try EC2Provider.subnet(in: "b", like: original, among: subnets, region: "r").id == "subnet-4")
        #expect(throws: ProviderError.self) {
            try EC2Provider.subnet(in: "c", like: original, among: subnets, region: "r")
        }
    }

    @Test("Where GetLaunchTemplateData is refused, attributes are read one by one")
    func fallback() async throws {
        let fake = FakeAWS(query: { call throws(AWSError) in
            let values = [
                "disableApiTermination": "true", "disableApiStop": "false", "userData": "aGVsbG8=",
                "instanceInitiatedShutdownBehavior": "terminate",
            ]
            if call.action == "DescribeInstanceCreditSpecifications" {
                let item = element("item", ["instanceId": "i-1", "cpuCredits": "unlimited"])
                return element("R", [:], [element("instanceCreditSpecificationSet", [:], [item])])
            }
            guard let name = call.parameters["Attribute"] else {
                throw FakeAWS.failure("UnauthorizedOperation", call.action, kind: .accessDenied)
            }
            return element("R", [:], [element(name, ["value": values[name] ?? ""])])
        })
        let reader = EC2OriginalReader(client: fake, clock: ManualClock())
        let facts = try await reader.facts(of: InstanceID("i-1"))
        #expect(facts.isTerminationProtected && !facts.isStopProtected)
        #expect(facts.credits == "unlimited" && facts.shutdownBehavior == "terminate")
        #expect(try await reader.userData(of: InstanceID("i-1"))?.bytes == Array("hello".utf8))
        #expect(fake.calls.count == 6)
    }

    @Test(
        "First boot: the report and cloud-init together",
        arguments: [
            ("cloud-init running", FirstBootStatus.running(detail: "first boot has not begun")),
            ("{\"status\":\"running\",\"detail\":\"x\",\"bootId\":\"b\"}\ncloud-init running", .running(detail: "x")),
            ("{\"status\":\"finished\",\"detail\":\"x\",\"bootId\":\"b\"}\ncloud-init done", .finished),
            ("{\"status\":\"finished\",\"detail\":\"x\",\"bootId\":\"b\"}\ncloud-init ", .finished),
            (
                "{\"status\":\"finished\",\"detail\":\"x\"}\ncloud-init running",
                .running(detail: "cloud-init is still at work")
            ),
            ("{\"status\":\"failed\",\"detail\":\"apt\"}\ncloud-init running", .failed(reason: "apt")),
        ])
    func firstBoot(_ output: String, _ status: FirstBootStatus) {
        #expect(FirstBootAnswer(output).status == status)
    }

    @Test(
        "A failure of cloud-init is a failure of first boot",
        arguments: [
            "cloud-init error", "cloud-init done", "{\"status\":\"finished\",\"detail\":\"x\"}\ncloud-init error",
        ])
    func cloudInit(_ output: String) {
        guard case .failed = FirstBootAnswer(output).status else {
            Issue.record("\(FirstBootAnswer(output).status)")
            return
        }
    }
}
