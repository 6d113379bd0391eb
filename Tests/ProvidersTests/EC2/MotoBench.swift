import AWSClient
import CurlTransport
import Foundation
import Glibc
import Testing
import Workflow

@testable import Providers

/// A moto server on the loopback in a Python child, and boto3 in that same child as an independent witness.
///
/// The child ends when its standard input closes, which it does however the test ends.
final class MotoBench: @unchecked Sendable {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let transport: CurlTransport
    let client: AWSClient
    let calls = LockedValue<[String]>([])

    private static let program = """
        import json, logging, sys
        logging.disable(logging.CRITICAL)
        import boto3
        from moto.server import ThreadedMotoServer
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        args = dict(region_name="eu-central-1", endpoint_url=f"http://{host}:{port}", aws_access_key_id="AKIAEXAMPLE",
            aws_secret_access_key="example")
        ec2, ssm, iam = boto3.client("ec2", **args), boto3.client("ssm", **args), boto3.client("iam", **args)
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24", AvailabilityZone="eu-central-1" + zone)
            ["Subnet"]["SubnetId"] for n, zone in enumerate("abc")]
        group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
        ec2.create_key_pair(KeyName="ops")
        iam.create_instance_profile(InstanceProfileName="web")
        image = sorted(i["ImageId"] for i in ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]},
            {"Name": "root-device-type", "Values": ["ebs"]}])["Images"])[0]
        root = ec2.describe_images(ImageIds=[image])["Images"][0]["RootDeviceName"]
        original = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.small", SubnetId=subnets[0],
            SecurityGroupIds=[group], KeyName="ops", IamInstanceProfile={"Name": "web"},
            UserData="#!/bin/sh\\necho operator\\n", MetadataOptions={"HttpTokens": "required"},
            BlockDeviceMappings=[{"DeviceName": root, "Ebs": {"VolumeSize": 20, "VolumeType": "gp3",
                "DeleteOnTermination": True}}],
            TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web-1"},
                {"Key": "env", "Value": "prod"}]}])["Instances"][0]["InstanceId"]
        def one(id): return ec2.describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"][0]
        print(json.dumps({"endpoint": args["endpoint_url"]}), flush=True)
        for line in sys.stdin:
            try: print(json.dumps({"value": eval(line)}, default=str), flush=True)
            except Exception as error: print(json.dumps({"error": repr(error)}), flush=True)
        server.stop()
        """

    private struct Started: Decodable { var endpoint: String }

    private struct Told<Value: Decodable>: Decodable {
        var value: Value?
        var error: String?
    }

    private init() throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.program]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        transport = try CurlTransport()
        try process.run()
        let line = try Self.line(from: output)
        let started = try JSONDecoder().decode(Started.self, from: Data(line.utf8))
        let calls = calls
        client = AWSClient(
            settings: AWSSettings(region: "eu-central-1", endpoint: started.endpoint),
            environment: [
                "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "HOME": "/nonexistent",
            ], transport: transport, clock: SystemBenchClock(), random: { 0.5 },
            onRequest: { action in calls.withLock { $0.append(action) } })
    }

    /// Runs a test and ends the child, however the test ends.
    static func use(_ test: (MotoBench) async throws -> Void) async throws {
        let bench = try MotoBench()
        let result: Result<Void, any Error>
        do {
            try await test(bench)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try? bench.input.fileHandleForWriting.close()
        bench.process.terminate()
        bench.process.waitUntilExit()
        await bench.transport.shutdown()
        try result.get()
    }

    /// What boto3 says: the value of a Python expression.
    func told<Value: Decodable>(_ expression: String, as type: Value.Type = Value.self) throws -> Value {
        try input.fileHandleForWriting.write(contentsOf: Data((expression + "\n").utf8))
        let told = try JSONDecoder().decode(Told<Value>.self, from: Data(try Self.line(from: output).utf8))
        return try #require(told.value, "\(told.error ?? "")")
    }

    /// Makes boto3 do something.
    func make(_ expression: String) throws {
        let _: Bool = try told("(\(expression)) and True or True")
    }

    func provider(asks: Bool = true) -> EC2Provider {
        EC2Provider(
            settings: EC2Provider.Settings(commands: .none, asksPermissions: asks), client: client,
            clock: SystemBenchClock())
    }

    private static func line(from pipe: Pipe) throws -> String {
        var bytes: [UInt8] = []
        while true {
            guard let byte = try pipe.fileHandleForReading.read(upToCount: 1)?.first else { throw EndOfOutput() }
            if byte == 0x0A { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
    }

    struct EndOfOutput: Error {}
}

/// The machine's own clocks.
struct SystemBenchClock: WorkflowClock {
    func wallTime() -> WallTime { WallTime(milliseconds: read(CLOCK_REALTIME)) }
    func monotonicMilliseconds() -> Int64 { read(CLOCK_MONOTONIC) }
    func sleep(for span: Span) async throws { try await ContinuousClock().sleep(for: span.duration) }

    private func read(_ id: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(id, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
