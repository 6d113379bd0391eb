internal import CurlTransport
internal import Documents
internal import Workflow

/// What the outside world answered to one question of a probe, as it stands in a recording.
///
/// Exactly one of the properties is set.
struct RecordedAnswer: Sendable, Hashable, Codable {
    var http: RecordedResponse?
    var exchange: RecordedExchange?
    var command: CommandResult?
    var patchStatus: PatchStatus?
    var transportError: RecordedTransportError?
    var commandError: RecordedCommandError?
    var inspectionError: RecordedInspectionError?
    /// The measurement was broken off before there was an answer, or before the answer counted.
    var isBrokenOff: Bool?
    /// What was asked, without header fields and what is sent over TCP, where secrets may be.
    var question: String?
}

extension RecordedAnswer {
    /// About how much it takes in a file, in bytes.
    var bytes: Int {
        let peer = http?.body.size ?? exchange?.received.size ?? 0
        let machine = (command?.output.utf8.count ?? 0) + (command?.errorOutput.utf8.count ?? 0)
        return 1024 + peer + machine
    }
}

/// The bytes that a peer sent, as text where they are text.
struct RecordedBytes: Sendable, Hashable, Codable {
    var text: String?
    var hex: String?

    init(_ bytes: [UInt8]) {
        if let text = String(validating: bytes, as: UTF8.self) {
            self.text = text
        } else {
            hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }

    var size: Int { (text ?? hex ?? "").utf8.count }

    /// The bytes; an odd or wrong digit ends them.
    var bytes: [UInt8] {
        guard let hex else { return Array((text ?? "").utf8) }
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

/// When the phases of a transfer ended, in microseconds from its start.
struct RecordedTimings: Sendable, Hashable, Codable {
    var resolve: Int64
    var connect: Int64
    var tls: Int64
    var firstByte: Int64
    var total: Int64

    init(_ timings: TransferTimings) {
        resolve = Self.microseconds(timings.resolve)
        connect = Self.microseconds(timings.connect)
        tls = Self.microseconds(timings.tls)
        firstByte = Self.microseconds(timings.firstByte)
        total = Self.microseconds(timings.total)
    }

    var timings: TransferTimings {
        TransferTimings(
            resolve: .microseconds(resolve), connect: .microseconds(connect), tls: .microseconds(tls),
            firstByte: .microseconds(firstByte), total: .microseconds(total))
    }

    private static func microseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000
    }
}

/// An HTTP answer.
struct RecordedResponse: Sendable, Hashable, Codable {
    var status: Int
    var version: String
    /// Names and values by turns.
    var headers: [[String]]
    var body: RecordedBytes
    var timings: RecordedTimings
    var remoteAddress: String
    var reusedConnection: Bool
    var certificates: [PeerCertificate]

    /// Takes an answer down, without secrets and without the values of cookies, which are somebody's session.
    init(_ response: HTTPResponse, _ redactor: Redaction) {
        status = response.status
        version = response.version
        headers = response.headers.map { [$0.name, redactor.header($0)] }
        body = RecordedBytes(redactor.secrets.redact(response.body))
        timings = RecordedTimings(response.timings)
        remoteAddress = response.remoteAddress
        reusedConnection = response.reusedConnection
        certificates = response.certificates
    }

    var response: HTTPResponse {
        HTTPResponse(
            status: status, version: version,
            headers: headers.compactMap { $0.count == 2 ? HTTPHeader(name: $0[0], value: $0[1]) : nil },
            body: body.bytes, timings: timings.timings, remoteAddress: remoteAddress,
            reusedConnection: reusedConnection, certificates: certificates)
    }
}

/// The answer to bytes over TCP or to a datagram.
struct RecordedExchange: Sendable, Hashable, Codable {
    var received: RecordedBytes
    var timings: RecordedTimings
    var remoteAddress: String
    var certificates: [PeerCertificate]

    init(_ result: RawExchangeResult, _ redactor: Redaction) {
        received = RecordedBytes(redactor.secrets.redact(result.received))
        timings = RecordedTimings(result.timings)
        remoteAddress = result.remoteAddress
        certificates = result.certificates
    }

    var result: RawExchangeResult {
        RawExchangeResult(
            received: received.bytes, timings: timings.timings, remoteAddress: remoteAddress,
            certificates: certificates)
    }
}

/// Why a transfer failed.
struct RecordedTransportError: Sendable, Hashable, Codable {
    var code: TransportError.Code
    var curlCode: Int32?
    var systemError: Int32?
    var verifyResult: Int?
    var detail: String
    var timings: RecordedTimings?

    init(_ error: TransportError, _ redactor: Redaction) {
        code = error.code
        curlCode = error.curlCode
        systemError = error.systemError
        verifyResult = error.verifyResult
        detail = redactor.secrets.redact(error.detail)
        timings = error.timings.map(RecordedTimings.init)
    }

    var error: TransportError {
        TransportError(
            code: code, detail: detail, curlCode: curlCode, systemError: systemError, verifyResult: verifyResult,
            timings: timings?.timings)
    }
}

/// Why a command could not be run.
struct RecordedCommandError: Sendable, Hashable, Codable {
    var code: String
    var detail: String

    init(_ error: CommandError, _ redactor: Redaction) {
        code = error.code.rawValue
        detail = redactor.secrets.redact(error.detail)
    }

    /// A code of a newer version counts as a machine that cannot be reached.
    var error: CommandError { CommandError(CommandError.Code(rawValue: code) ?? .unreachable, detail: detail) }
}

/// Why a machine could not be inspected.
struct RecordedInspectionError: Sendable, Hashable, Codable {
    var code: String
    var detail: String

    init(_ error: PatchInspectionError, _ redactor: Redaction) {
        code = error.code.rawValue
        detail = redactor.secrets.redact(error.detail)
    }

    /// A code of a newer version counts as a command that failed.
    var error: PatchInspectionError {
        PatchInspectionError(PatchInspectionError.Code(rawValue: code) ?? .commandFailed, detail: detail)
    }
}
