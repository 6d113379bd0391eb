import AWSClient
import CurlTransport
import Foundation
import Workflow

@testable import Traffic

/// An independent AWS (the Python package moto) on loopback, set up and asked by boto3; everything ends with `stop`.
final class MotoFixture: @unchecked Sendable {
    static let isInstalled: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", "import boto3, moto.server"]
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// What the script set up.
    struct Account: Decodable {
        var endpoint: String
        var instances: [String]
        var addresses: [String]
        var group: String
        var addressGroup: String
        var allocation: String
        var publicAddress: String
    }

    /// What boto3 sees.
    struct State: Decodable {
        var targets: [String]
        var addressTargets: [String]
        var holder: String?
    }

    let account: Account
    let transport: CurlTransport
    let traffic: AWSTraffic
    private let process = Process()
    private let questions = Pipe()
    private let answers = Pipe()

    init() async throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.script]
        process.standardInput = questions
        process.standardOutput = answers
        process.standardError = FileHandle.nullDevice
        try process.run()
        do {
            let line = try await Self.line(from: answers.fileHandleForReading)
            account = try JSONDecoder().decode(Account.self, from: line)
            transport = try CurlTransport()
        } catch {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            throw error
        }
        let client = AWSClient(
            settings: AWSSettings(region: "eu-central-1", endpoint: account.endpoint),
            environment: ["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"],
            transport: transport, clock: RunningClock(), random: { 0.5 })
        traffic = AWSTraffic(client: client, clock: RunningClock())
    }

    /// Asks boto3.
    func state() async throws -> State {
        try questions.fileHandleForWriting.write(contentsOf: Data("state\n".utf8))
        return try await JSONDecoder().decode(State.self, from: Self.line(from: answers.fileHandleForReading))
    }

    func stop() async {
        // The script ends with its input, and so also when the tests are killed.
        try? questions.fileHandleForWriting.close()
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        await transport.shutdown()
    }

    /// Reads a line on a thread of its own, so that no other test waits.
    private static func line(from handle: FileHandle) async throws -> Data {
        let line: Data = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var line = Data()
                while let byte = try? handle.read(upToCount: 1), byte.first.map({ $0 != UInt8(ascii: "\n") }) ?? false {
                    line += byte
                }
                continuation.resume(returning: line)
            }
        }
        guard !line.isEmpty else { throw Failed(description: "the oracle ended") }
        return line
    }

    private static let script = """
        import json, logging, os, sys, threading
        logging.getLogger("werkzeug").disabled = True
        os.environ.update(AWS_ACCESS_KEY_ID="oracle", AWS_SECRET_ACCESS_KEY="oracle", AWS_CONFIG_FILE="/dev/null")
        out, sys.stdout = sys.stdout, sys.stderr
        import boto3
        from moto.server import ThreadedMotoServer
        server = ThreadedMotoServer("127.0.0.1", 0)
        server.start()
        endpoint = "http://127.0.0.1:%d" % server.get_host_and_port()[1]
        ec2 = boto3.client("ec2", region_name="eu-central-1", endpoint_url=endpoint)
        elb = boto3.client("elbv2", region_name="eu-central-1", endpoint_url=endpoint)
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        image = ec2.describe_images()["Images"][0]["ImageId"]
        instances = ec2.run_instances(
            ImageId=image, MinCount=3, MaxCount=3, SubnetId=subnet, InstanceType="t3.micro")["Instances"]
        ids = [i["InstanceId"] for i in instances]
        addresses = [i["PrivateIpAddress"] for i in instances]
        def group(name, kind):
            return elb.create_target_group(
                Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType=kind)["TargetGroups"][0]["TargetGroupArn"]
        web, ip = group("web", "instance"), group("ips", "ip")
        elb.register_targets(TargetGroupArn=web, Targets=[{"Id": ids[0]}])
        address = ec2.allocate_address(Domain="vpc")
        def say(value):
            out.write(json.dumps(value) + "\\n")
            out.flush()
        say(dict(endpoint=endpoint, instances=ids, addresses=addresses, group=web, addressGroup=ip,
            allocation=address["AllocationId"], publicAddress=address["PublicIp"]))
        def targets(arn):
            found = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
            return sorted("%s:%s" % (t["Target"]["Id"], t["Target"]["Port"]) for t in found)
        for line in sys.stdin:
            held = ec2.describe_addresses(AllocationIds=[address["AllocationId"]])["Addresses"][0]
            say(dict(targets=targets(web), addressTargets=targets(ip), holder=held.get("InstanceId") or None))
        os._exit(0)
        """
}

/// The real clock.
private struct RunningClock: WorkflowClock {
    func wallTime() -> WallTime { WallTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    func monotonicMilliseconds() -> Int64 { Int64(ProcessInfo.processInfo.systemUptime * 1000) }

    func sleep(for span: Span) async throws { try await ContinuousClock().sleep(for: span.duration) }
}
