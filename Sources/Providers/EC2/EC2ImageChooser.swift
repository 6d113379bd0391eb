import AWSClient
import Foundation
import Workflow

/// An image that a replacement is booted from.
struct EC2Image: Sendable, Hashable {
    var id: ImageID
    var architecture: String?
    var state: String?
    var createdAt = ""
    var rootDeviceName: String?
    /// The sizes of the volumes that the image itself brings, in GiB by device.
    var sizes: [String: Int] = [:]

    init(id: ImageID) { self.id = id }

    /// Reads an item of DescribeImages (EC2 API Reference, Image).
    init?(_ item: AWSElement) {
        guard let id = item.text("imageId") else { return nil }
        self.id = ImageID(id)
        architecture = item.text("architecture")
        state = item.text("imageState")
        createdAt = item.text("creationDate") ?? ""
        rootDeviceName = item.text("rootDeviceName")
        for mapping in item.items("blockDeviceMapping") {
            guard let device = mapping.text("deviceName"), mapping["ebs"] != nil else { continue }
            sizes[device] = mapping.text("ebs", "volumeSize").flatMap { Int($0) } ?? 0
        }
    }
}

/// Chooses the image of a replacement.
struct EC2ImageChooser: Sendable {
    let client: any AWSCalling
    let region: String

    /// The image that `choice` means for a replacement of `original`.
    ///
    /// The original's own image is not read again. Throws `imageNotFound` where there is none, and `invalidRequest` for
    /// one of another architecture.
    func image(_ choice: ImageChoice, for original: Instance) async throws(ProviderError) -> EC2Image {
        let operation = "choose the image of \(original.name)"
        let found: EC2Image
        switch choice {
        case .same: return EC2Image(id: original.image)
        case .id(let id): found = try await image(id, operation: operation)
        case .newest(let owner, let name):
            return try await newest(owner: owner, name: name, original: original, operation: operation)
        case .parameter(let name):
            found = try await image(try await parameter(name, operation: operation), operation: operation)
        }
        let wanted = original.properties[EC2Property.architecture]
        guard wanted == nil || found.architecture == nil || found.architecture == wanted else {
            throw ProviderError(
                .invalidRequest, operation: operation,
                detail: "the image \(found.id) is for \(found.architecture ?? "") and \(original.name) is "
                    + "\(wanted ?? ""); choose an image of that architecture")
        }
        return found
    }

    private func image(_ id: ImageID, operation: String) async throws(ProviderError) -> EC2Image {
        guard Self.isImageID(id.rawValue) else {
            throw ProviderError(
                .imageNotFound, operation: operation,
                detail: "`\(id)` is no id of an image, which looks like ami-0123456789abcdef0; correct `image`")
        }
        let found = try await images(["ImageId.1": id.rawValue], operation: operation).first { $0.id == id }
        guard let found else { throw Self.missing(id, "does not exist", operation, region) }
        guard found.state == nil || found.state == "available" else {
            throw Self.missing(id, "is \(found.state ?? "") and not available", operation, region)
        }
        return found
    }

    private static func missing(
        _ id: ImageID, _ problem: String, _ operation: String, _ region: String
    ) -> ProviderError {
        ProviderError(
            .imageNotFound, operation: operation,
            detail: "the image \(id) \(problem) in \(region) for this account; correct `image`, or share or copy it")
    }

    private func newest(
        owner: String, name: String, original: Instance, operation: String
    ) async throws(ProviderError) -> EC2Image {
        var parameters = [
            "Owner.1": owner, "Filter.1.Name": "name", "Filter.1.Value.1": name, "Filter.2.Name": "state",
            "Filter.2.Value.1": "available",
        ]
        let architecture = original.properties[EC2Property.architecture]
        if let architecture {
            parameters["Filter.3.Name"] = "architecture"
            parameters["Filter.3.Value.1"] = architecture
        }
        let found = try await images(parameters, operation: operation)
        guard let newest = found.max(by: { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }) else {
            throw ProviderError(
                .imageNotFound, operation: operation,
                detail: "no available image of \(owner) is named `\(name)`"
                    + (architecture.map { " for \($0)" } ?? "") + " in \(region); correct `image`")
        }
        return newest
    }

    private func images(
        _ parameters: [String: String], operation: String
    ) async throws(ProviderError) -> [EC2Image] {
        let found = LockedValue<[EC2Image]>([])
        let call = AWSCall(.ec2, "DescribeImages", parameters, repetition: .harmless)
        do throws(AWSError) {
            _ = try await client.query(call, each: ["imagesSet", "item"]) { item throws(AWSError) in
                if let image = EC2Image(item) { found.withLock { $0.append(image) } }
            }
        } catch {
            throw EC2ErrorMapping.error(error, operation: operation, region: region)
        }
        return found.withLock { $0 }
    }

    private struct ParameterAnswer: Decodable {
        struct Parameter: Decodable {
            var value: String
            enum CodingKeys: String, CodingKey { case value = "Value" }
        }

        var parameter: Parameter
        enum CodingKeys: String, CodingKey { case parameter = "Parameter" }
    }

    /// The image that a parameter of the parameter store names; what else it may hold is never shown.
    private func parameter(_ name: String, operation: String) async throws(ProviderError) -> ImageID {
        let body = (try? JSONEncoder().encode(["Name": name])) ?? Data()
        let answer: [UInt8]
        do {
            answer = try await client.json(
                AWSCall(.ssm, "GetParameter", json: [UInt8](body), repetition: .harmless))
        } catch {
            guard error.serviceCode?.hasPrefix("ParameterNotFound") == true else {
                throw EC2ErrorMapping.error(error, operation: operation, region: region)
            }
            throw ProviderError(
                .imageNotFound, operation: operation,
                detail: "the parameter store in \(region) has no parameter `\(name)`; correct `image`")
        }
        guard let value = try? JSONDecoder().decode(ParameterAnswer.self, from: Data(answer)).parameter.value else {
            throw ProviderError(
                .malformedAnswer, operation: operation, detail: "GetParameter answered without a value")
        }
        guard Self.isImageID(value) else {
            throw ProviderError(
                .imageNotFound, operation: operation,
                detail: "the parameter `\(name)` does not hold the id of an image; public ones begin with "
                    + "/aws/service/")
        }
        return ImageID(value)
    }

    /// Whether a text looks like `ami-0123456789abcdef0`.
    static func isImageID(_ text: String) -> Bool {
        let digits = text.dropFirst(4)
        return text.hasPrefix("ami-") && (8...17).contains(digits.utf8.count)
            && digits.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
