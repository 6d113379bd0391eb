import AWSClient

/// What the adapters need of an AWS client: one call, one answer.
protocol AWSQuerying: Sendable {
    /// Makes a call of the query protocol and returns the answer's root element.
    func query(_ call: AWSCall) async throws(AWSError) -> AWSElement
}

extension AWSClient: AWSQuerying {}
