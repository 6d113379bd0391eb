import AWSClient
import Foundation
import TestSupport
import Testing
import Workflow

@testable import Providers

@Suite("Launches", .timeLimit(.minutes(5)))
struct EC2LaunchTests {
    private func request(
        _ token: String = "t1", properties: [String: String] = ["type": "t3.small", "subnet": "subnet-1"],
        alternatives: [[String: String]] = [], scope: PatchPolicy.Scope = .none, name: String = "web-1"
    ) -> LaunchRequest {
        LaunchRequest(
            token: LaunchToken(token),
            specification: LaunchSpecification(
                image: ImageID("ami-11111111"), name: name, tags: ["env": "prod"], properties: properties,
                alternatives: alternatives, patch: PatchPolicy(scope: scope)),
            ownershipTags: [OwnershipTag.token: token, OwnershipTag.swap: "s1"])
    }

    private func launched(_ state: Int = 0) -> AWSElement {
        element("RunInstancesResponse", [:], [element("instancesSet", [:], [instanceItem("i-new", state: state)])])
    }

    private func parameters(_ request: LaunchRequest, variant: Int = 0) throws -> [String: String] {
        try RunInstancesRequest(launch: request, userData: nil, hasFirstBootScript: false).parameters(variant: variant)
    }

    @Test("Properties become parameters, and tags are set by the launch itself")
    func parameters() throws {
        let sent = try parameters(
            request(properties: [
                "type": "t3.small", "subnet": "subnet-1", "securityGroups": "sg-1,sg-2", "role": "arn:x", "key": "ops",
                "publicAddress": "false", "metadata.httpTokens": "required", "credits": "unlimited",
                "disk./dev/xvda": "size=20 type=gp3 encrypted=true deleted=true",
            ]))
        let wanted = [
            "ImageId": "ami-11111111", "InstanceType": "t3.small", "MinCount": "1", "MaxCount": "1", "KeyName": "ops",
            "IamInstanceProfile.Arn": "arn:x", "NetworkInterface.1.SubnetId": "subnet-1",
            "NetworkInterface.1.DeviceIndex": "0", "NetworkInterface.1.SecurityGroupId.2": "sg-2",
            "NetworkInterface.1.AssociatePublicIpAddress": "false", "MetadataOptions.HttpTokens": "required",
            "CreditSpecification.CpuCredits": "unlimited", "BlockDeviceMapping.1.DeviceName": "/dev/xvda",
            "BlockDeviceMapping.1.Ebs.VolumeSize": "20", "BlockDeviceMapping.1.Ebs.VolumeType": "gp3",
            "TagSpecification.1.ResourceType": "instance", "TagSpecification.2.ResourceType": "volume",
            "TagSpecification.3.ResourceType": "network-interface",
        ]
        for (name, value) in wanted { #expect(sent[name] == value, "\(name)") }
        #expect(sent["SubnetId"] == nil && sent["UserData"] == nil)
        let tags = Dictionary(
            uniqueKeysWithValues: (1...5).compactMap { number -> (String, String?)? in
                let tag = "TagSpecification.1.Tag.\(number)"
                return sent["\(tag).Key"].map { ($0, sent["\(tag).Value"]) }
            })
        #expect(
            tags == [
                "Name": "web-1", "env": "prod", OwnershipTag.token: "t1", OwnershipTag.swap: "s1",
                EC2Property.firstBootTag: "none",
            ])
    }

    @Test("Credits are only sent for types that earn them", arguments: [("t4g.nano", true), ("m5.large", false)])
    func credits(_ type: String, _ isBurstable: Bool) throws {
        let sent = try parameters(request(properties: ["type": type, "credits": "standard"]))
        #expect((sent["CreditSpecification.CpuCredits"] != nil) == isBurstable)
    }

    @Test("The client token is the same for the identical request, and another for any other")
    func clientToken() throws {
        let token = try #require(try parameters(request())["ClientToken"])
        #expect(token.utf8.count <= 64 && token.allSatisfy(\.isASCII))
        #expect(try parameters(request())["ClientToken"] == token)
        let others = [
            try parameters(request("t2")), try parameters(request(name: "web-2")),
            try parameters(request(properties: ["type": "t3.large", "subnet": "subnet-1"])),
            try parameters(request(alternatives: [[:]]), variant: 1),
        ].compactMap { $0["ClientToken"] }
        #expect(Set(others + [token]).count == 5)
        func clientToken(_ parameters: [String: String]) -> String {
            RunInstancesRequest.clientToken(launch: LaunchToken("a"), variant: 0, parameters: parameters)
        }
        #expect(clientToken(["b": "c", "d": "e"]) != clientToken(["b": "cd", "": "e"]))
    }

    @Test("Alternatives are tried in order where there is no room")
    func alternatives() async throws {
        let fake = FakeAWS(query: { call throws(AWSError) in
            guard call.action == "RunInstances" else { return instancesAnswer([]) }
            switch call.parameters["InstanceType"] {
            case "t3.small": throw FakeAWS.failure("InsufficientInstanceCapacity")
            case "t3.medium": throw FakeAWS.failure("InsufficientFreeAddressesInSubnet")
            default: return element("R", [:], [element("instancesSet", [:], [instanceItem("i-new", state: 0)])])
            }
        })
        let launch = request(alternatives: [["type": "t3.medium"], ["type": "m5.large"], ["type": "m6i.large"]])
        let instance = try await provider(fake).launch(launch)
        #expect(instance.id == InstanceID("i-new"))
        let runs = fake.calls.filter { $0.action == "RunInstances" }
        #expect(runs.compactMap { $0.parameters["InstanceType"] } == ["t3.small", "t3.medium", "m5.large"])
        #expect(Set(runs.compactMap { $0.parameters["ClientToken"] }).count == 3)
    }

    @Test("Without room anywhere the last refusal is the answer; other refusals end it at once")
    func refused() async throws {
        let full = FakeAWS(query: { call throws(AWSError) in
            guard call.action == "RunInstances" else { return instancesAnswer([]) }
            throw FakeAWS.failure("InsufficientInstanceCapacity")
        })
        let launch = request(alternatives: [["type": "t3.medium"]])
        let error = await #expect(throws: ProviderError.self) { try await provider(full).launch(launch) }
        #expect(error?.code == .capacity)
        #expect(full.actions.filter { $0 == "RunInstances" }.count == 2)
        let limited = FakeAWS(query: { call throws(AWSError) in
            guard call.action == "RunInstances" else { return instancesAnswer([]) }
            throw FakeAWS.failure("VcpuLimitExceeded")
        })
        let other = await #expect(throws: ProviderError.self) { try await provider(limited).launch(launch) }
        #expect(other?.code == .quota)
        #expect(limited.actions.filter { $0 == "RunInstances" }.count == 1)
    }

    @Test("A launch whose answer was lost is repeated with the identical request, whatever the alternatives")
    func lostAnswer() async throws {
        let count = LockedValue(0)
        let fake = FakeAWS(query: { call throws(AWSError) in
            guard call.action == "RunInstances" else { return instancesAnswer([]) }
            let number = count.withLock { count in
                count += 1
                return count
            }
            if number == 1 { throw FakeAWS.failure("InsufficientInstanceCapacity") }
            if number == 2 {
                throw AWSError(
                    .unreachable, action: "RunInstances", detail: "broken", isRetryable: true, isUncertain: true)
            }
            return element("R", [:], [element("instancesSet", [:], [instanceItem("i-new", state: 0)])])
        })
        let cloud = provider(fake)
        let launch = request(alternatives: [["type": "t3.medium"]])
        let error = await #expect(throws: ProviderError.self) { try await cloud.launch(launch) }
        #expect(error?.isRetryable == true)
        _ = try await cloud.launch(launch)
        let runs = fake.calls.filter { $0.action == "RunInstances" }
        #expect(runs.compactMap { $0.parameters["InstanceType"] } == ["t3.small", "t3.medium", "t3.medium"])
        #expect(runs[1].parameters == runs[2].parameters)
    }

    @Test("A repeated request that answers with an instance that is gone already says so", arguments: [32, 48])
    func replayed(_ state: Int) async throws {
        let answer = launched(state)
        let fake = FakeAWS(query: { _ throws(AWSError) in answer })
        let instance = try await provider(fake).launch(request())
        #expect(instance.state == (state == 32 ? .terminating : .terminated))
    }

    @Test("A refusal after a lost answer proves nothing: the launch is looked for, and the same one repeated")
    func refusedAfterALostAnswer() async throws {
        let fake = FakeAWS(query: { call throws(AWSError) in
            guard call.action == "RunInstances" else { return element("R", [:], [element("reservationSet", [:])]) }
            var error = FakeAWS.failure("InsufficientInstanceCapacity", call.action)
            error.isUncertain = true
            throw error
        })
        let cloud = provider(fake)
        let launch = request(alternatives: [["type": "t3.medium"]])
        for _ in 0..<2 {
            let error = await #expect(throws: ProviderError.self) { try await cloud.launch(launch) }
            #expect(error?.code == .unavailable && error?.isRetryable == true)
        }
        let runs = fake.calls.filter { $0.action == "RunInstances" }
        #expect(runs.count == 2 && runs[0].parameters == runs[1].parameters)
    }

    private static let operators = "#!/bin/sh\necho SECRET-VALUE\n"

    private func withUserData(_ text: LockedValue<String>) -> FakeAWS {
        FakeAWS(query: { call throws(AWSError) in
            let encoded = Data(text.withLock { $0 }.utf8).base64EncodedString()
            switch call.action {
            case "DescribeInstances": return instancesAnswer([instanceItem()])
            case "GetLaunchTemplateData":
                let disk = element(
                    "item", ["deviceName": "/dev/xvda"],
                    [element("ebs", ["volumeSize": "8", "volumeType": "gp2", "iops": "100", "snapshotId": "snap-1"])])
                return element(
                    "R", [:],
                    [
                        element(
                            "launchTemplateData", ["userData": encoded, "disableApiTermination": "false"],
                            [element("blockDeviceMappingSet", [:], [disk])])
                    ])
            case "RunInstances":
                return element("R", [:], [element("instancesSet", [:], [instanceItem("i-new", state: 0)])])
            default: throw FakeAWS.failure("Unexpected", call.action)
            }
        })
    }

    @Test("User data is in the launch and in nothing else; a plan costs two calls and a dry run")
    func secret() async throws {
        let clock = ManualClock()
        let text = LockedValue(Self.operators)
        let fake = withUserData(text)
        let cloud = provider(fake, clock: clock)
        let (original, specification, findings) = try await moving(clock) {
            let original = try #require(try await cloud.instances().first)
            let specification = try await cloud.inheritedSpecification(of: original, choices: LaunchChoices())
            return (original, specification, try await cloud.carryOverFindings(for: original, routes: []))
        }
        #expect(fake.actions == ["DescribeInstances", "GetLaunchTemplateData"])
        let plan = String(decoding: try JSONEncoder().encode(specification), as: UTF8.self)
        #expect(!plan.contains("SECRET") && !plan.contains(Data(Self.operators.utf8).base64EncodedString()))
        #expect(specification.properties["userDataFrom"] == original.id.rawValue)
        #expect(specification.properties["disk./dev/xvda"] == "size=8 type=gp2 deleted=true")
        #expect(!findings.contains { $0.severity == .obstacle })
        #expect(!"\(UserData(bytes: Array(Self.operators.utf8)))".contains("SECRET"))
        var dumped = ""
        dump(UserData(bytes: Array(Self.operators.utf8)), to: &dumped)
        #expect(!dumped.contains("83"))
        let launch = LaunchRequest(token: LaunchToken("t"), specification: specification, ownershipTags: [:])
        _ = try await cloud.launch(launch)
        let sent = try #require(fake.calls.last?.parameters["UserData"].flatMap { Data(base64Encoded: $0) })
        #expect(String(decoding: sent, as: UTF8.self).contains("SECRET-VALUE"))
        #expect(fake.calls.last?.parameters["TagSpecification.1.Tag.2.Value"] == "script")
        text.withLock { $0 = "#!/bin/sh\nOTHER-SECRET\n" }
        clock.advance(by: .seconds(30))
        let error = await #expect(throws: ProviderError.self) { try await cloud.launch(launch) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.detail.contains("plan again") == true && error?.detail.contains("SECRET") == false)
    }

    @Test(
        "A dry run becomes findings",
        arguments: [
            ("DryRunOperation", AWSError.Kind.dryRunAllowed, nil as String?),
            ("UnauthorizedOperation", .accessDenied, "permission"), ("InvalidAMIID.NotFound", .rejected, "image"),
            ("InsufficientFreeAddressesInSubnet", .rejected, "capacity"), ("VcpuLimitExceeded", .rejected, "quota"),
            ("InvalidParameterValue", .rejected, "launch"),
        ])
    func dryRun(_ code: String, _ kind: AWSError.Kind, _ finding: String?) async throws {
        let fake = FakeAWS(query: { call throws(AWSError) in throw FakeAWS.failure(code, call.action, kind: kind) })
        let cloud = provider(fake)
        let findings = try await cloud.launchFindings(for: request().specification)
        #expect(findings.map(\.code) == (finding.map { [$0] } ?? []))
        #expect(findings.allSatisfy { $0.severity == .obstacle })
        #expect(fake.calls[0].parameters["DryRun"] == "true")
        _ = try await cloud.launchFindings(for: request().specification)
        #expect(fake.calls.count == 1)
        #expect(try await provider(fake, asks: false).launchFindings(for: request().specification).isEmpty)
        #expect(fake.calls.count == 1)
    }

    @Test("A dry run that cannot be asked is an error, not a finding")
    func dryRunUnavailable() async throws {
        let fake = FakeAWS(query: { call throws(AWSError) in
            throw FakeAWS.failure("InternalError", kind: .serviceFailure)
        })
        await #expect(throws: ProviderError.self) {
            try await provider(fake).launchFindings(for: request().specification)
        }
    }
}
