@testable import HealthChecks

/// Writes DNS answers by hand, for tests: nothing of the code under test is used but the question's own bytes.
struct DNSReply: Sendable {
    struct Record: Sendable {
        var type: UInt16
        var data: [UInt8]
        /// The owner's name as bytes; by default a pointer to the question's name at offset 12.
        var owner: [UInt8] = [0xC0, 12]
    }

    var responseCode: UInt8 = 0
    var isTruncated = false
    var records: [Record] = []
    /// Changes the finished message.
    var change: @Sendable (inout [UInt8]) -> Void = { _ in }

    /// The answer to a question's message.
    func message(to query: [UInt8]) -> [UInt8] {
        var bytes = Array(query[0..<2]) + [0x81 | (isTruncated ? 2 : 0), 0x80 | responseCode]
        bytes += [0, 1] + Self.number(UInt16(records.count)) + [0, 0, 0, 0] + query[12...]
        for record in records {
            bytes += record.owner + Self.number(record.type) + [0, 1, 0, 0, 0, 60]
            bytes += Self.number(UInt16(record.data.count)) + record.data
        }
        change(&bytes)
        return bytes
    }

    static func number(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }

    /// A name without compression.
    static func name(_ text: String) -> [UInt8] {
        text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + $0.utf8 } + [0]
    }

    static func a(_ bytes: UInt8...) -> Record { Record(type: 1, data: bytes) }

    static func txt(_ strings: String...) -> Record {
        Record(type: 16, data: strings.flatMap { [UInt8($0.utf8.count)] + $0.utf8 })
    }

    static func alias(_ owner: [UInt8] = [0xC0, 12], to target: String) -> Record {
        Record(type: 5, data: name(target), owner: owner)
    }
}
