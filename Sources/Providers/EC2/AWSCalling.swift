import AWSClient

/// What the provider needs of an AWS client; a seam for tests.
protocol AWSCalling: Sendable {
    /// The region that calls go to.
    func region() throws(AWSError) -> String

    /// Makes a call of the query protocol and returns the answer's root element.
    func query(_ call: AWSCall) async throws(AWSError) -> AWSElement

    /// Makes a call of the query protocol and hands over the elements at `path` one by one.
    func query(
        _ call: AWSCall, each path: [String], _ take: @escaping @Sendable (AWSElement) throws(AWSError) -> Void
    ) async throws(AWSError) -> AWSElement

    /// Makes a call of the JSON protocol and returns the answer's body.
    func json(_ call: AWSCall) async throws(AWSError) -> [UInt8]
}

extension AWSClient: AWSCalling {}
