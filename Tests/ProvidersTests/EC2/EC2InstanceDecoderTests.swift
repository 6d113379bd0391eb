import AWSClient
import Testing
import Workflow

@testable import Providers

@Suite("Instances of DescribeInstances")
struct EC2InstanceDecoderTests {
    @Test("An instance is decoded with its stable properties")
    func decode() throws {
        let instance = try EC2InstanceDecoder.instance(
            from: instanceItem(fields: ["ipAddress": "3.4.5.6", "reason": "none"]))
        #expect(instance.id == InstanceID("i-1"))
        #expect(instance.name == "web-1")
        #expect(instance.image == ImageID("ami-11111111"))
        #expect(instance.address == "10.0.0.5")
        #expect(instance.launchedAt == WallTime(milliseconds: 1_795_414_228_000))
        #expect(instance.properties["type"] == "t3.small")
        #expect(instance.properties["securityGroups"] == "sg-1,sg-2")
        #expect(instance.properties["role"] == "arn:aws:iam::1:instance-profile/web")
        #expect(instance.properties["metadata.httpTokens"] == "required")
        #expect(!instance.properties.values.contains("3.4.5.6"))
    }

    @Test("The public address is the address where that is asked for")
    func publicAddress() throws {
        let item = instanceItem(fields: ["ipAddress": "3.4.5.6"])
        #expect(try EC2InstanceDecoder.instance(from: item, usesPublicAddress: true).address == "3.4.5.6")
    }

    @Test(
        "States are the low byte of the code",
        arguments: [
            (0, InstanceState.pending), (16, .running), (32, .terminating), (48, .terminated), (64, .stopping),
            (80, .stopped), (256 + 16, .running), (0x1250, .stopped),
        ])
    func states(_ code: Int, _ state: InstanceState) throws {
        #expect(try EC2InstanceDecoder.instance(from: instanceItem(state: code)).state == state)
    }

    @Test("Without id or with an unknown state nothing is made up")
    func malformed() {
        #expect(throws: AWSError.self) { try EC2InstanceDecoder.instance(from: instanceItem(state: 17)) }
        #expect(throws: AWSError.self) {
            try EC2InstanceDecoder.instance(from: instanceItem(fields: ["instanceId": ""]))
        }
    }

    @Test("Without a tag Name the id is the name")
    func name() throws {
        #expect(try EC2InstanceDecoder.instance(from: instanceItem(tags: [:])).name == "i-1")
    }

    @Test(
        "Timestamps",
        arguments: [
            ("1970-01-01T00:00:00Z", 0 as Int64?), ("2000-02-29T12:34:56.789Z", 951_827_696_789),
            ("2024-12-31T23:59:59.5Z", 1_735_689_599_500), ("yesterday", nil), ("2024-13-01T00:00:00Z", nil),
        ])
    func timestamps(_ text: String, _ milliseconds: Int64?) {
        #expect(RFC3339Timestamp.parse(text)?.milliseconds == milliseconds)
    }

    @Test("All pages are read, and a page that fails makes no partial list")
    func pages() async throws {
        let fake = FakeAWS(query: { call throws(AWSError) in
            switch call.parameters["NextToken"] {
            case nil: return instancesAnswer([instanceItem("i-1")], next: "two")
            case "two": return instancesAnswer([instanceItem("i-2")], next: "three")
            default: throw FakeAWS.failure("InternalError", kind: .serviceFailure)
            }
        })
        await #expect(throws: ProviderError.self) { try await provider(fake).instances() }
        #expect(fake.calls.count == 3)
        #expect(fake.calls.allSatisfy { $0.parameters["MaxResults"] == "1000" })
    }
}
