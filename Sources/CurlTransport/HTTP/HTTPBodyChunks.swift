/// Delivers a streamed body in non-empty chunks as they arrive.
///
/// At most ``CurlTransport/Configuration/streamBufferBytes`` and one read wait here for the consumer; then the
/// transfer pauses, so that the server feels the consumer's pace. Iterate once, from one task at a time. Cancelling
/// the task that waits in `next()` cancels the transfer; leaving the loop early does so when the response is dropped.
public struct HTTPBodyChunks: AsyncSequence, Sendable {
    /// Holds a chunk's bytes.
    public typealias Element = [UInt8]
    /// Holds why the body did not arrive whole.
    public typealias Failure = TransportError

    private let lease: StreamLease

    init(lease: StreamLease) {
        self.lease = lease
    }

    /// Returns an iterator over what has not been read yet.
    public func makeAsyncIterator() -> Iterator {
        Iterator(lease: lease)
    }

    /// Reads the chunks one by one.
    public struct Iterator: AsyncIteratorProtocol {
        private let lease: StreamLease

        init(lease: StreamLease) {
            self.lease = lease
        }

        /// Waits for the next chunk; returns `nil` after the last.
        ///
        /// - Throws: The transfer's failure, after the chunks that arrived before it; at once when it was cancelled.
        public mutating func next() async throws(TransportError) -> [UInt8]? {
            try await lease.next()
        }

        /// Waits for the next chunk, like `next()`.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(TransportError) -> [UInt8]? {
            try await lease.next()
        }
    }
}
