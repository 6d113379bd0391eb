import AWSClient
import CurlTransport
import Foundation
import Testing
import Workflow

@Suite("Calls", .timeLimit(.minutes(5)))
struct ClientTests {
    private typealias Step = ScriptServer.Step

    @Test("A query is a signed form, and its answer a tree")
    func query() async throws {
        let fixture = try await ClientFixture([Step(body: "<R><a><item><b>1 &amp; ä</b></item><item/></a></R>")])
        let call = AWSCall(.ec2, "DescribeTags", ["Filter.1.Value.1": "ä b/&=+~"], repetition: .harmless)
        let root = try await fixture.client.query(call)
        #expect(root.items("a").map { $0.text("b") } == ["1 & ä", nil])
        let seen = try #require(try await fixture.seen.first)
        #expect(seen.method == "POST")
        #expect(
            seen.body == "Action=DescribeTags&Filter.1.Value.1=%C3%A4%20b%2F%26%3D%2B~&Version=2016-11-15")
        #expect(seen.value("Content-Type") == "application/x-www-form-urlencoded; charset=utf-8")
        #expect(seen.value("X-Amz-Security-Token") == ClientFixture.canaries[2])
        let authorization = try #require(seen.value("Authorization"))
        #expect(authorization.contains("Credential=AKIDCANARYKEY/20270115/eu-central-1/ec2/aws4_request"))
        #expect(authorization.contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,"))
        #expect(fixture.actions.names == ["DescribeTags"])
    }

    @Test("JSON")
    func json() async throws {
        let fixture = try await ClientFixture([
            Step(body: "{\"x\":1}"),
            Step(status: 400, body: "{\"__type\":\"com.amazon#InvalidInstanceId\",\"message\":\"gone\"}"),
        ])
        let call = AWSCall(.ssm, "SendCommand", json: Array("{}".utf8), repetition: .harmless)
        #expect(try await fixture.client.json(call) == Array("{\"x\":1}".utf8))
        let error = try await failure { () async throws(AWSError) in try await fixture.client.json(call) }
        #expect(error.kind == .rejected)
        #expect(error.serviceCode == "InvalidInstanceId")
        #expect(error.detail == "gone")
        let seen = try await fixture.seen
        #expect(seen[0].value("X-Amz-Target") == "AmazonSSM.SendCommand")
        #expect(seen[0].value("Content-Type") == "application/x-amz-json-1.1")
        #expect(seen[0].body == "{}")
    }

    @Test("A refusal is told with code, status and request id, and not repeated")
    func refusal() async throws {
        let fixture = try await ClientFixture([ClientFixture.refusal("InvalidInstanceID.NotFound")])
        let error = try await failure { () async throws(AWSError) in try await fixture.client.query(ClientFixture.read)
        }
        #expect(
            error
                == AWSError(
                    .rejected, action: "DescribeInstances", serviceCode: "InvalidInstanceID.NotFound", detail: "no",
                    status: 400, requestID: "req-7", isRetryable: false))
        #expect(fixture.actions.names.count == 1)
    }

    @Test("The other query protocol's refusal")
    func otherRefusal() async throws {
        let fixture = try await ClientFixture([
            Step(
                status: 403,
                body:
                    "<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>m</Message>"
                    + "</Error><RequestId>q</RequestId></ErrorResponse>")
        ])
        let call = AWSCall(.elbv2, "RegisterTargets", repetition: .harmless)
        let error = try await failure { () async throws(AWSError) in try await fixture.client.query(call) }
        #expect(error.kind == .accessDenied)
        #expect(error.requestID == "q")
    }

    @Test("Throttling is repeated after a growing part of a second, for effective calls too")
    func throttling() async throws {
        let fixture = try await ClientFixture([
            ClientFixture.refusal("RequestLimitExceeded", status: 503), ClientFixture.refusal("Throttling"),
            ClientFixture.success,
        ])
        _ = try await fixture.client.query(ClientFixture.write)
        #expect(fixture.actions.names.count == 3)
        // Half of 1 s and of 2 s; and the bucket of RunInstances, emptied, refills at half and a quarter of 2 a second.
        #expect(fixture.clock.naps == [500, 500, 1000, 1000])
    }

    @Test("No more than three attempts, or as many as configured", arguments: [("", 3), ("5", 5), ("1", 1)])
    func attempts(_ configured: String, _ count: Int) async throws {
        let fixture = try await ClientFixture(
            Array(repeating: ClientFixture.refusal("InternalError", status: 500), count: 6),
            environment: ["AWS_MAX_ATTEMPTS": configured])
        let error = try await failure { () async throws(AWSError) in try await fixture.client.query(ClientFixture.read)
        }
        #expect(error.kind == .serviceFailure)
        #expect(error.isRetryable)
        // It may have acted before it failed within; with one attempt there is none before the last.
        #expect(error.isUncertain == (count > 1))
        #expect(fixture.actions.names.count == count)
    }

    @Test("A refusal after an answer that was lost leaves open what became of the attempt before")
    func refusalAfterFailure() async throws {
        let fixture = try await ClientFixture([
            ClientFixture.refusal("InternalError", status: 500), ClientFixture.refusal("UnauthorizedOperation"),
        ])
        let error = try await failure { () async throws(AWSError) in try await fixture.client.query(ClientFixture.read)
        }
        #expect(error.kind == .accessDenied)
        #expect(error.isUncertain)
    }

    @Test("Effective calls are not repeated where they may have had their effect")
    func uncertain() async throws {
        let steps = [
            ClientFixture.refusal("InternalError", status: 500), Step(status: 502, body: "<html>bad gateway</html>"),
            Step(fault: "reset"), Step(body: "<R>", fault: "truncate"), Step(body: "<R><a></R>"),
        ]
        for step in steps {
            let fixture = try await ClientFixture([step, ClientFixture.success])
            let error = try await failure { () async throws(AWSError) in
                try await fixture.client.query(ClientFixture.write)
            }
            #expect(error.isUncertain, "\(error)")
            #expect(error.isRetryable, "\(error)")
            #expect(fixture.actions.names.count == 1)
        }
    }

    @Test("Harmless calls are repeated in the same cases")
    func harmless() async throws {
        let steps = [
            ClientFixture.refusal("InternalError", status: 500), Step(status: 502, body: "<html>bad gateway</html>"),
            Step(fault: "reset"), Step(body: "<R>", fault: "truncate"), Step(body: "<R><a></R>"),
        ]
        for step in steps {
            let fixture = try await ClientFixture([step, ClientFixture.success])
            #expect(try await fixture.client.query(ClientFixture.read).text("requestId") == "r")
            #expect(fixture.actions.names.count == 2)
        }
    }

    @Test("Nobody listens: certain, and repeated")
    func refused() async throws {
        let fixture = try await ClientFixture([])
        let client = AWSClient(
            settings: AWSSettings(endpoint: "http://127.0.0.1:1"),
            environment: ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "x-1"],
            transport: fixture.transport, clock: fixture.clock, random: { 0.5 },
            onRequest: { fixture.actions.add($0) })
        let error = try await failure { () async throws(AWSError) in try await client.query(ClientFixture.write) }
        #expect(error.kind == .unreachable)
        #expect(!error.isUncertain)
        #expect(fixture.actions.names.count == 3)
    }

    @Test(
        "Lack of capacity is a 5xx that is not repeated",
        arguments: [
            "InsufficientInstanceCapacity", "InsufficientHostCapacity", "InsufficientReservedInstanceCapacity",
            "InsufficientAddressCapacity", "Unsupported",
        ])
    func capacity(_ code: String) async throws {
        let fixture = try await ClientFixture([ClientFixture.refusal(code, status: 500), ClientFixture.success])
        let error = try await failure { () async throws(AWSError) in try await fixture.client.query(ClientFixture.read)
        }
        #expect(error.kind == .rejected)
        #expect(error.serviceCode == code)
        #expect(!error.isRetryable && !error.isUncertain)
        #expect(fixture.actions.names.count == 1)
    }

    @Test(
        "Codes",
        arguments: [
            ("AuthFailure", AWSError.Kind.invalidCredentials), ("InvalidClientTokenId", .invalidCredentials),
            ("UnauthorizedOperation", .accessDenied), ("DryRunOperation", .dryRunAllowed),
            ("ExpiredToken", .expiredCredentials), ("IncorrectState", .rejected), ("SlowDown", .throttled),
        ])
    func codes(_ code: String, _ kind: AWSError.Kind) async throws {
        let fixture = try await ClientFixture(Array(repeating: ClientFixture.refusal(code), count: 3))
        let error = try await failure { () async throws(AWSError) in
            try await fixture.client.query(ClientFixture.write)
        }
        #expect(error.kind == kind)
        #expect(!error.isUncertain)
        #expect(fixture.actions.names.count == (kind == .throttled ? 3 : 1))
    }

    @Test("Items are handed over as they arrive and do not stay")
    func each() async throws {
        let fixture = try await ClientFixture([
            Step(
                body: "<R><set><item><id>1</id></item><other/><item><id>2</id></item></set>"
                    + "<else><item>3</item></else><nextToken>t</nextToken></R>")
        ])
        let items = ClientFixture.Requests()
        let root = try await fixture.client.query(ClientFixture.read, each: ["set", "item"]) {
            items.add($0.text("id") ?? "")
        }
        #expect(items.names == ["1", "2"])
        #expect(root["set"]?.children.map(\.name) == ["other"])
        #expect(root.items("else").map(\.text) == ["3"])
        #expect(root.text("nextToken") == "t")
    }

    @Test("An answer that breaks off is not repeated after the first item")
    func eachBroken() async throws {
        let broken = Step(body: "<R><set><item>1</item><item>", fault: "truncate")
        let fixture = try await ClientFixture([broken, ClientFixture.success])
        let error = try await failure { () async throws(AWSError) in
            try await fixture.client.query(ClientFixture.read, each: ["set", "item"]) { _ in }
        }
        #expect(error.kind == .unreachable)
        #expect(error.isRetryable)
        #expect(fixture.actions.names.count == 1)
    }

    @Test("What the taker throws ends the call")
    func eachThrows() async throws {
        let fixture = try await ClientFixture([Step(body: "<R><item/><item/></R>"), ClientFixture.success])
        let own = AWSError(.rejected, action: "own", detail: "enough", isRetryable: false)
        let error = try await failure { () async throws(AWSError) in
            try await fixture.client.query(ClientFixture.read, each: ["item"]) { _ throws(AWSError) in throw own }
        }
        #expect(error == own)
        #expect(fixture.actions.names.count == 1)
    }

    @Test("Effective calls have connections of their own")
    func connections() async throws {
        let fixture = try await ClientFixture(Array(repeating: ClientFixture.success, count: 4))
        for call in [ClientFixture.read, ClientFixture.read, ClientFixture.write, ClientFixture.write] {
            _ = try await fixture.client.query(call)
        }
        let ports = try await fixture.seen.map(\.connection)
        #expect(ports[0] == ports[1])
        #expect(Set(ports).count == 3)
    }

    @Test(
        "A clock that is wrong is corrected once and for all",
        arguments: [
            "SignatureDoesNotMatch", "RequestExpired", "AuthFailure", "RequestTimeTooSkewed",
        ])
    func skew(_ code: String) async throws {
        // The client's clock says 15 January 2027, 08:00.
        let fixture = try await ClientFixture([
            ClientFixture.refusal(code, status: 403, date: "Fri, 15 Jan 2027 09:10:11 GMT"), ClientFixture.success,
            ClientFixture.success,
        ])
        _ = try await fixture.client.query(ClientFixture.write)
        _ = try await fixture.client.query(ClientFixture.read)
        let dates = try await fixture.seen.map { $0.value("X-Amz-Date") }
        #expect(dates == ["20270115T080000Z", "20270115T091011Z", "20270115T091011Z"])
    }

    @Test("A signature is not tried again when the clocks agree")
    func noSkew() async throws {
        let fixture = try await ClientFixture([
            ClientFixture.refusal("SignatureDoesNotMatch", status: 403, date: "Fri, 15 Jan 2027 08:03:00 GMT")
        ])
        let error = try await failure { () async throws(AWSError) in try await fixture.client.query(ClientFixture.read)
        }
        #expect(error.kind == .invalidCredentials)
        #expect(!error.isRetryable)
        #expect(fixture.actions.names.count == 1)
    }

    @Test("Cancelling ends a call at once; an effective one may have had its effect")
    func cancelling() async throws {
        let fixture = try await ClientFixture([Step(fault: "hang")])
        let client = fixture.client
        let task = Task {
            try await failure { () async throws(AWSError) in try await client.query(ClientFixture.write) }
        }
        _ = try await fixture.server.wait(fixture.script, count: 1)
        task.cancel()
        let error = try await task.value
        #expect(error.kind == .cancelled)
        #expect(error.isUncertain)
        try await fixture.server.release(fixture.script)
    }

    @Test("Secrets are in no error, whatever the service sends")
    func canary() async throws {
        let secrets = ClientFixture.canaries
        let everything = secrets.joined(separator: " ")
        let steps = [
            ClientFixture.refusal("Odd \(everything)", message: "you sent \(everything)\u{1B}[31m"),
            Step(status: 500, headers: ["x-amzn-RequestId": everything], body: everything),
            Step(status: 403, body: String(repeating: "\(everything) ", count: 1000)),
            Step(body: "<R><\(secrets[0])></R>"),
            ClientFixture.refusal("A", message: String(repeating: "m", count: 9000)),
        ]
        for step in steps {
            let fixture = try await ClientFixture([step])
            let error = try await failure { () async throws(AWSError) in
                try await fixture.client.query(ClientFixture.write)
            }
            var dumped = ""
            dump(error, to: &dumped)
            let shown = "\(error) \(String(reflecting: error)) \(dumped) \(error.requestID ?? "")"
            for secret in secrets { #expect(!shown.contains(secret), "\(step.status)") }
            #expect(!shown.contains("\u{1B}"))
            #expect(error.detail.count <= 500)
        }
    }
}
