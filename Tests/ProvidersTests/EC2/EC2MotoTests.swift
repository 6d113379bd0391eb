import Foundation
import Testing
import Workflow

@testable import Providers

@Suite("Against moto, with boto3 as witness", .serialized, .timeLimit(.minutes(5)))
struct EC2MotoTests {
    @Test("A replacement is planned, launched, tagged, stopped, started and terminated as boto3 sees it")
    func lifeCycle() async throws {
        try await MotoBench.use { moto in
            let cloud = moto.provider()
            let id: String = try moto.told("original")
            let original = try #require(try await cloud.instances().first { $0.id.rawValue == id })
            #expect(original.name == "web-1" && original.state == .running)
            let specification = try await cloud.inheritedSpecification(of: original, choices: LaunchChoices())
            let carryOver = try await cloud.carryOverFindings(for: original, routes: [])
            #expect(!carryOver.contains { $0.severity == .obstacle }, "\(carryOver)")
            #expect(try await cloud.launchFindings(for: specification).isEmpty)
            let launch = LaunchRequest(
                token: LaunchToken("token-1"), specification: specification,
                ownershipTags: [
                    OwnershipTag.token: "token-1", OwnershipTag.swap: "s1", OwnershipTag.role: "replacement",
                ])
            let replacement = try await cloud.launch(launch)
            try lookAtReplacement(replacement.id, moto: moto)
            #expect(try await cloud.instance(launchedWith: LaunchToken("token-1"))?.id == replacement.id)
            #expect(try await cloud.instance(launchedWith: LaunchToken("token-2")) == nil)
            try await changes(of: replacement.id, cloud, moto)
        }
    }

    private func lookAtReplacement(_ id: InstanceID, moto: MotoBench) throws {
        let there = "one('\(id)')"
        #expect(try moto.told("\(there)['InstanceType']") == "t3.small")
        #expect(try moto.told("\(there)['SubnetId'] == subnets[0]", as: Bool.self))
        #expect(
            try moto.told(
                "[g['GroupId'] for g in \(there)['NetworkInterfaces'][0]['Groups']] == [group]", as: Bool.self))
        #expect(try moto.told("\(there)['KeyName']") == "ops")
        #expect(try moto.told("\(there)['IamInstanceProfile']['Arn'].endswith('/web')", as: Bool.self))
        #expect(try moto.told("\(there)['MetadataOptions']['HttpTokens']") == "required")
        let tags: [String: String] = try moto.told("{t['Key']: t['Value'] for t in \(there)['Tags']}")
        #expect(
            tags == [
                "Name": "web-1", "env": "prod", "changeover:token": "token-1", "changeover:swap": "s1",
                "changeover:role": "replacement", "changeover:first-boot": "script",
            ])
        let volume =
            "ec2.describe_volumes(Filters=[{'Name': 'attachment.instance-id', 'Values': ['\(id)']}])['Volumes'][0]"
        #expect(try moto.told("[\(volume)['Size'], \(volume)['VolumeType']] == [20, 'gp3']", as: Bool.self))
        let data: String = try moto.told(
            "ec2.describe_instance_attribute(InstanceId='\(id)', Attribute='userData')['UserData']['Value']")
        let userData = String(decoding: try #require(Data(base64Encoded: data)), as: UTF8.self)
        #expect(userData.contains("echo operator") && userData.contains("changeover: first-boot"))
    }

    private func changes(of id: InstanceID, _ cloud: EC2Provider, _ moto: MotoBench) async throws {
        try await cloud.tag(id, with: ["changeover:last-swap": "s1", "env": nil])
        let tags: [String: String] = try moto.told("{t['Key']: t['Value'] for t in one('\(id)')['Tags']}")
        #expect(tags["changeover:last-swap"] == "s1" && tags["env"] == nil)
        try await cloud.stop(id)
        #expect(try moto.told("one('\(id)')['State']['Name']") == "stopped")
        #expect(try await cloud.instance(id)?.state == .stopped)
        try await cloud.start(id)
        #expect(try moto.told("one('\(id)')['State']['Name']") == "running")
        #expect(try await cloud.instance(id)?.state == .running)
        #expect(try await cloud.instance(InstanceID("i-0123456789abcdef0")) == nil)
        try await cloud.terminate(id)
        #expect(try moto.told("one('\(id)')['State']['Name']") == "terminated")
        #expect(try await cloud.instance(id)?.state == .terminated)
        let error = await #expect(throws: ProviderError.self) {
            try await cloud.stop(InstanceID("i-0123456789abcdef0"))
        }
        #expect(error?.code == .instanceNotFound)
    }

    @Test("Protection is found before and refused by EC2 after, and never lifted")
    func protection() async throws {
        try await MotoBench.use { moto in
            let cloud = moto.provider()
            let id: String = try moto.told("original")
            try moto.make(
                "ec2.modify_instance_attribute(InstanceId=original, DisableApiTermination={'Value': True})")
            let original = try #require(try await cloud.instance(InstanceID(id)))
            let findings = try await cloud.carryOverFindings(for: original, routes: [])
            #expect(findings.filter { $0.severity == .obstacle }.map(\.code) == ["termination-protection"])
            let error = await #expect(throws: ProviderError.self) { try await cloud.terminate(original.id) }
            #expect(error?.code == .terminationProtected)
            #expect(try moto.told("one(original)['State']['Name']") == "running")
            #expect(
                try moto.told(
                    "ec2.describe_instance_attribute(InstanceId=original, Attribute='disableApiTermination')"
                        + "['DisableApiTermination']['Value']", as: Bool.self))
        }
    }

    @Test("Images by id, name and parameter; alternative zones; many readers at once")
    func reads() async throws {
        try await MotoBench.use { moto in
            let cloud = moto.provider()
            let id: String = try moto.told("original")
            let original = try #require(try await cloud.instance(InstanceID(id)))
            try await images(original, cloud, moto)
            try await alternatives(original, cloud, moto)
            try await coalesced(original.id, cloud, moto)
        }
    }

    private func images(_ original: Instance, _ cloud: EC2Provider, _ moto: MotoBench) async throws {
        func chosen(_ choice: ImageChoice) async throws -> ImageID {
            try await cloud.inheritedSpecification(of: original, choices: LaunchChoices(image: choice)).image
        }
        let built: String = try moto.told("ec2.create_image(InstanceId=original, Name='web-2026-01')['ImageId']")
        #expect(try await chosen(.id(ImageID(built))) == ImageID(built))
        #expect(try await chosen(.same) == original.image)
        #expect(try await chosen(.newest(owner: "self", name: "web-*")) == ImageID(built))
        try moto.make("ssm.put_parameter(Name='/images/web', Value='\(built)', Type='String')")
        #expect(try await chosen(.parameter("/images/web")) == ImageID(built))
        try moto.make("ssm.put_parameter(Name='/secret', Value='hunter2', Type='String')")
        for choice: ImageChoice in [
            .id(ImageID("ami-0123456789abcdef0")), .id(ImageID("debian")),
            .newest(owner: "self", name: "nothing-*"), .parameter("/none"), .parameter("/secret"),
        ] {
            let error = await #expect(throws: ProviderError.self) { _ = try await chosen(choice) }
            #expect(error?.code == .imageNotFound, "\(choice): \(String(describing: error))")
            #expect(error?.detail.contains("hunter2") == false)
        }
    }

    private func alternatives(_ original: Instance, _ cloud: EC2Provider, _ moto: MotoBench) async throws {
        let choices = LaunchChoices(alternatives: [
            LaunchAlternative(type: "t3.medium"), LaunchAlternative(zone: "eu-central-1b"),
        ])
        let found = try await cloud.inheritedSpecification(of: original, choices: choices).alternatives
        #expect(found[0]["type"] == "t3.medium")
        #expect(try moto.told("'\(found[1]["subnet"] ?? "")' == subnets[1]", as: Bool.self))
    }

    private func coalesced(_ id: InstanceID, _ cloud: EC2Provider, _ moto: MotoBench) async throws {
        _ = try await cloud.instance(InstanceID("i-0123456789abcdef0"))
        let before = moto.calls.withLock { $0.count }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    let state = try await cloud.instance(id)?.state
                    #expect(state == .running)
                }
            }
            try await group.waitForAll()
        }
        #expect(moto.calls.withLock { $0.count } - before <= 2)
    }
}
