internal import CurlTransport

extension RequestSender {
    /// Makes a call of the query protocol.
    func query(
        _ call: AWSCall, settings: ResolvedSettings, supply: any CredentialSupply, each path: [String] = [],
        _ take: @escaping @Sendable (AWSElement) throws(AWSError) -> Void = { _ in }
    ) async throws(AWSError) -> AWSElement {
        try await perform(call, settings: settings, supply: supply) { chunks in
            await Self.elements(chunks, of: call, each: path, take)
        }
    }

    /// Makes a call of the JSON protocol.
    func json(
        _ call: AWSCall, settings: ResolvedSettings, supply: any CredentialSupply
    ) async throws(AWSError) -> [UInt8] {
        try await perform(call, settings: settings, supply: supply) { chunks in
            var body: [UInt8] = []
            do throws(TransportError) {
                var iterator = chunks.makeAsyncIterator()
                while let chunk = try await iterator.next() { body += chunk }
                return .answer(body)
            } catch {
                let failure = AWSError(error, call: call, mayHaveBegun: true)
                return .failure(Self.failure(failure, of: call, isTimeout: error.isTimeout))
            }
        }
    }

    private static func elements(
        _ chunks: HTTPBodyChunks, of call: AWSCall, each path: [String],
        _ take: @escaping @Sendable (AWSElement) throws(AWSError) -> Void
    ) async -> Outcome<AWSElement> {
        let parser = XMLTreeParser(each: path, take: take)
        do {
            var iterator = chunks.makeAsyncIterator()
            while let chunk = try await iterator.next() { try parser.feed(chunk) }
            return .answer(try parser.finish())
        } catch let error as TransportError {
            var failure = failure(
                AWSError(error, call: call, mayHaveBegun: true), of: call, isTimeout: error.isTimeout)
            if parser.taken > 0 { failure.mayRepeat = false }
            return .failure(failure)
        } catch XMLFailure.taker(let error) {
            return .failure(AttemptFailure(error: error, mayRepeat: false))
        } catch XMLFailure.malformed(let reason) {
            var failure = failure(malformed(reason, call, isRetryable: true), of: call)
            if parser.taken > 0 { failure.mayRepeat = false }
            return .failure(failure)
        } catch XMLFailure.refused(let reason) {
            return .failure(AttemptFailure(error: malformed(reason, call, isRetryable: false), mayRepeat: false))
        } catch {
            return .failure(
                AttemptFailure(error: malformed("it cannot be read", call, isRetryable: false), mayRepeat: false))
        }
    }

    private static func malformed(_ reason: String, _ call: AWSCall, isRetryable: Bool) -> AWSError {
        AWSError(
            .malformedAnswer, action: call.action, detail: "the answer cannot be understood: \(reason)",
            isRetryable: isRetryable, isUncertain: call.repetition == .effective)
    }
}
