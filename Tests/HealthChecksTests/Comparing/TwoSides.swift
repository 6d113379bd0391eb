import CurlTransport
import TestSupport
import Workflow

@testable import HealthChecks

/// A network with an original and a replacement, each with a script of its own.
struct TwoSides: NetworkProbing {
    typealias Answer = Result<HTTPResponse, TransportError>

    /// The answer to a side's request, by the request's number from 0; `nil` hangs until cancelled.
    var original: @Sendable (Int) -> Answer?
    var replacement: @Sendable (Int) -> Answer?
    /// Which side was asked, in order: `true` for the original.
    let asked = Guarded<[Bool]>([])
    let requests = Guarded<[HTTPRequest]>([])
    /// Whether a request hangs.
    let isWaiting = Guarded(false)

    static let originalAddress = "10.0.0.8"
    static let replacementAddress = "10.0.0.9"

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        requests.with { $0.append(request) }
        let target = request.options.pinnedAddress ?? request.url
        return try await answer(toOriginal: target.contains(Self.originalAddress)).get()
    }

    func exchange(_ exchange: RawExchange) async throws(TransportError) -> RawExchangeResult {
        let response = try await answer(toOriginal: "\(exchange.endpoint)".contains(Self.originalAddress)).get()
        return RawExchangeResult(
            received: response.body, timings: response.timings, remoteAddress: "", certificates: [])
    }

    func datagram(_ exchange: DatagramExchange) async throws(TransportError) -> DatagramResult {
        throw TransportError(code: .timeout, detail: "not scripted")
    }

    private func answer(toOriginal isOriginal: Bool) async -> Answer {
        let number = asked.with { asked in
            asked.append(isOriginal)
            return asked.count { $0 == isOriginal } - 1
        }
        if let answer = isOriginal ? original(number) : replacement(number) { return answer }
        isWaiting.with { $0 = true }
        try? await ManualClock().sleep(for: .hours(1))
        return .failure(TransportError(code: .cancelled, detail: "cancelled"))
    }

    /// An answer after so many milliseconds.
    static func answer(_ milliseconds: Double, status: Int = 200) -> Answer {
        let total = Duration.microseconds(Int64(milliseconds * 1000))
        return .success(HTTPResponse(status: status, timings: TransferTimings(total: total)))
    }

    static let refused: Answer = .failure(TransportError(code: .connect, detail: "refused"))
    static let ownFailure: Answer = .failure(TransportError(code: .internal, detail: "out of descriptors"))

    /// Times from 40 to 60 ms without any order to them, the same in every run.
    static func usual(_ number: Int) -> Double { 40 + Double(number * 7919 % 2003) / 2003 * 20 }
}
