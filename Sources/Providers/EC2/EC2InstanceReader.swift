import AWSClient
import Workflow

/// Reads instances with DescribeInstances, page by page (EC2 API Reference, DescribeInstances).
struct EC2InstanceReader: Sendable {
    let client: any AWSCalling
    let usesPublicAddress: Bool

    /// The most that one page may hold.
    private static let pageSize = 1000
    /// More pages than any account has; a token that comes again and again would never end otherwise.
    private static let pageLimit = 500

    /// Reads the instances of these ids by a filter, to which an unknown id is no error.
    func read(_ ids: [InstanceID]) async throws(AWSError) -> [InstanceID: EC2Observation] {
        guard !ids.isEmpty else { return [:] }
        let found = try await read(filter: "instance-id", values: ids.map(\.rawValue))
        return found.reduce(into: [:]) { $0[$1.instance.id] = $1 }
    }

    /// Reads the instances that fit a filter.
    func read(filter: String, values: [String]) async throws(AWSError) -> [EC2Observation] {
        var parameters = ["Filter.1.Name": filter]
        for (number, value) in values.enumerated() { parameters["Filter.1.Value.\(number + 1)"] = value }
        return try await readPages(parameters)
    }

    /// Reads all instances of the account in the region.
    func readAll() async throws(AWSError) -> [EC2Observation] { try await readPages([:]) }

    private func readPages(_ filter: [String: String]) async throws(AWSError) -> [EC2Observation] {
        let found = LockedValue<[EC2Observation]>([])
        var token: String?
        for _ in 0..<Self.pageLimit {
            var parameters = filter
            parameters["MaxResults"] = "\(Self.pageSize)"
            parameters["NextToken"] = token
            let call = AWSCall(.ec2, "DescribeInstances", parameters, repetition: .harmless)
            let usesPublicAddress = usesPublicAddress
            let root = try await client.query(call, each: ["reservationSet", "item"]) { item throws(AWSError) in
                let page = try EC2InstanceDecoder.observations(in: item, usesPublicAddress: usesPublicAddress)
                found.withLock { $0 += page }
            }
            token = root.text("nextToken").flatMap { $0.isEmpty ? nil : $0 }
            if token == nil { return found.withLock { $0 } }
        }
        throw AWSError(
            .malformedAnswer, action: "DescribeInstances", detail: "the list of instances never ends",
            isRetryable: true)
    }
}
