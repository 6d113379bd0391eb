import AWSClient
import Foundation
import Workflow

/// What DescribeInstances does not tell of an instance.
struct EC2OriginalFacts: Sendable, Hashable {
    /// Whether it is protected against termination.
    var isTerminationProtected = false
    /// Whether it is protected against being stopped.
    var isStopProtected = false
    /// How it earns and spends CPU credits, where its type does.
    var credits: String?
    /// What happens when it is shut down from within: `stop` or `terminate`.
    var shutdownBehavior: String?
    /// Its disks by device, as far as they are told here.
    var disks: [String: EC2Disk] = [:]
    /// Its user data; `nil` where this answer does not hold any.
    var userData: UserData?
}

/// Reads what DescribeInstances does not tell, and keeps it in memory for half a minute.
///
/// GetLaunchTemplateData tells it all in one call. It asks for permissions that not everyone has; where it is refused,
/// attributes are read one by one (EC2 API Reference, GetLaunchTemplateData and DescribeInstanceAttribute).
final class EC2OriginalReader: Sendable {
    private static let lifetime = Span.seconds(30)

    private let client: any AWSCalling
    private let facts: TimedCache<InstanceID, EC2OriginalFacts>
    private let userData: TimedCache<InstanceID, UserData>

    init(client: any AWSCalling, clock: any WorkflowClock) {
        self.client = client
        facts = TimedCache(clock: clock, lifetime: Self.lifetime)
        userData = TimedCache(clock: clock, lifetime: Self.lifetime)
    }

    /// What DescribeInstances does not tell.
    func facts(of id: InstanceID) async throws(AWSError) -> EC2OriginalFacts {
        if let known = facts.value(for: id) { return known }
        let read: EC2OriginalFacts
        do {
            let root = try await client.query(
                AWSCall(.ec2, "GetLaunchTemplateData", ["InstanceId": id.rawValue], repetition: .harmless))
            read = try Self.facts(in: root)
        } catch {
            guard error.kind == .accessDenied else { throw error }
            read = EC2OriginalFacts(
                isTerminationProtected: try await attribute("disableApiTermination", of: id) == "true",
                isStopProtected: try await attribute("disableApiStop", of: id) == "true",
                credits: try await credits(of: id),
                shutdownBehavior: try await attribute("instanceInitiatedShutdownBehavior", of: id))
        }
        facts.keep(read, for: id)
        return read
    }

    /// The user data; `nil` when there is none.
    ///
    /// An answer without user data is confirmed by the attribute itself, since a replacement without the operator's
    /// user data is another machine.
    func userData(of id: InstanceID) async throws(AWSError) -> UserData? {
        if let known = userData.value(for: id) { return known.bytes.isEmpty ? nil : known }
        let read: UserData
        if let known = try await facts(of: id).userData {
            read = known
        } else {
            read = try Self.decoded(try await attribute("userData", of: id) ?? "")
        }
        userData.keep(read, for: id)
        return read.bytes.isEmpty ? nil : read
    }

    /// Reads the disks with DescribeVolumes, for where GetLaunchTemplateData does not tell them.
    func disks(of id: InstanceID) async throws(AWSError) -> [String: EC2Disk] {
        let root = try await client.query(
            AWSCall(
                .ec2, "DescribeVolumes",
                ["Filter.1.Name": "attachment.instance-id", "Filter.1.Value.1": id.rawValue], repetition: .harmless))
        return root.items("volumeSet").reduce(into: [:]) { disks, item in
            let attachment = item.items("attachmentSet").first { $0.text("instanceId") == id.rawValue }
            guard let device = attachment?.text("device") else { return }
            disks[device] = Self.disk(item, size: "size")
        }
    }

    private func attribute(_ name: String, of id: InstanceID) async throws(AWSError) -> String? {
        let root = try await client.query(
            AWSCall(
                .ec2, "DescribeInstanceAttribute", ["InstanceId": id.rawValue, "Attribute": name],
                repetition: .harmless))
        return root.text(name, "value")
    }

    /// Nothing for a type that does not earn credits, for which EC2 refuses the question.
    private func credits(of id: InstanceID) async throws(AWSError) -> String? {
        let call = AWSCall(
            .ec2, "DescribeInstanceCreditSpecifications", ["InstanceId.1": id.rawValue], repetition: .harmless)
        do {
            return try await client.query(call).items("instanceCreditSpecificationSet").first?.text("cpuCredits")
        } catch {
            guard error.kind == .rejected else { throw error }
            return nil
        }
    }

    private static func facts(in root: AWSElement) throws(AWSError) -> EC2OriginalFacts {
        guard let data = root["launchTemplateData"] else {
            throw AWSError(
                .malformedAnswer, action: "GetLaunchTemplateData", detail: "an answer without launchTemplateData",
                isRetryable: true)
        }
        let disks = data.items("blockDeviceMappingSet").reduce(into: [String: EC2Disk]()) { disks, item in
            guard let device = item.text("deviceName"), let ebs = item["ebs"] else { return }
            disks[device] = disk(ebs, size: "volumeSize")
        }
        var facts = EC2OriginalFacts(
            isTerminationProtected: data.text("disableApiTermination") == "true",
            isStopProtected: data.text("disableApiStop") == "true",
            credits: data.text("creditSpecification", "cpuCredits"),
            shutdownBehavior: data.text("instanceInitiatedShutdownBehavior"), disks: disks)
        if let text = data.text("userData"), !text.isEmpty { facts.userData = try decoded(text) }
        return facts
    }

    private static func decoded(_ text: String) throws(AWSError) -> UserData {
        guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else {
            throw AWSError(
                .malformedAnswer, action: "DescribeInstanceAttribute", detail: "user data that is no Base64",
                isRetryable: false)
        }
        return UserData(bytes: [UInt8](data))
    }

    /// A disk as a launch may say it: operations and throughput only for the kinds for which they can be chosen.
    private static func disk(_ item: AWSElement, size: String) -> EC2Disk {
        let type = item.text("volumeType") ?? ""
        let isEncrypted = item.text("encrypted") == "true"
        return EC2Disk(
            parameters: [
                "VolumeSize": item.text(size) ?? "", "VolumeType": type,
                "Iops": ["gp3", "io1", "io2"].contains(type) ? item.text("iops") ?? "" : "",
                "Throughput": type == "gp3" ? item.text("throughput") ?? "" : "",
                "Encrypted": isEncrypted ? "true" : "", "KmsKeyId": isEncrypted ? item.text("kmsKeyId") ?? "" : "",
                "SnapshotId": item.text("snapshotId") ?? "",
            ].filter { $0.value != "0" })
    }
}
