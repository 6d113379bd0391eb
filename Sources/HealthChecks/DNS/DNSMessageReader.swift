/// Reads answers of DNS servers, which may lie (RFC 1035, section 4.1).
///
/// Everything is bounded by the message, of at most 65,535 bytes: a record takes at least 11 bytes, and a compressed name
/// only ever points to before itself, so that reading it ends.
struct DNSMessageReader {
    static let classInternet: UInt16 = 1
    /// How long a message is at most, by the two bytes of its length over TCP.
    static let maximumBytes = 65_535

    private struct Header {
        var id: UInt16
        var flags: UInt16
        var questions: UInt16
        var answers: UInt16

        var isResponse: Bool { flags & 0x8000 != 0 }
        var isStandardQuery: Bool { flags & 0x7800 == 0 }
        var isTruncated: Bool { flags & 0x0200 != 0 }
        var responseCode: DNSResponseCode { DNSResponseCode(number: UInt8(flags & 0x000F)) }
    }

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether a message answers the question; what does not must be passed over, since somebody else may have sent it.
    static func isAnswer(_ bytes: [UInt8], to question: DNSQuestion) -> Bool {
        var reader = DNSMessageReader(bytes)
        guard bytes.count <= maximumBytes, let header = try? reader.header(), header.id == question.id,
            header.isResponse, header.isStandardQuery
        else { return false }
        // A server that cannot read or will not answer a question need not repeat it.
        if header.questions == 0 { return header.responseCode != .noError }
        return header.questions == 1 && (try? reader.repeats(question)) == true
    }

    /// Reads an answer to the question.
    static func answer(_ bytes: [UInt8], to question: DNSQuestion) throws(DNSMessageError) -> DNSAnswer {
        guard isAnswer(bytes, to: question) else { throw DNSMessageError("the message is no answer to the question") }
        var reader = DNSMessageReader(bytes)
        let header = try reader.header()
        if header.questions == 1 { _ = try reader.repeats(question) }
        var records: [DNSAnswer.Record] = []
        do throws(DNSMessageError) {
            for _ in 0..<header.answers { records.append(try reader.record()) }
        } catch {
            // What was cut off is asked for again over TCP.
            guard header.isTruncated else { throw error }
        }
        return DNSAnswer(responseCode: header.responseCode, isTruncated: header.isTruncated, records: records)
    }

    private mutating func header() throws(DNSMessageError) -> Header {
        let header = Header(id: try number(), flags: try number(), questions: try number(), answers: try number())
        _ = (try number(), try number())
        return header
    }

    private mutating func repeats(_ question: DNSQuestion) throws(DNSMessageError) -> Bool {
        let name = try name()
        let (type, scope) = (try number(), try number())
        return name == question.name && type == question.type.number && scope == Self.classInternet
    }

    private mutating func record() throws(DNSMessageError) -> DNSAnswer.Record {
        let owner = try name()
        let number = try self.number()
        let scope = try self.number()
        // The time to live is of no interest.
        _ = (try self.number(), try self.number())
        let length = Int(try self.number())
        let end = position + length
        guard end <= bytes.count else { throw DNSMessageError("a record reaches beyond the message") }
        let type = DNSRecordType.allCases.first { $0.number == number && scope == Self.classInternet }
        var record = DNSAnswer.Record(name: owner, type: type, value: "")
        if let type {
            (record.value, record.target) = try data(of: type, end: end)
            guard position == end else { throw DNSMessageError("a record of type \(type) has the wrong length") }
        }
        position = end
        return record
    }

    private mutating func data(of type: DNSRecordType, end: Int) throws(DNSMessageError) -> (String, DNSName?) {
        switch type {
        case .a, .aaaa:
            let address = try take(type == .a ? 4 : 16, before: end)
            return (DNSAddress.text(address) ?? "", nil)
        case .cname, .ns, .ptr:
            let name = try name()
            return (name.description, name)
        case .mx:
            let (preference, host) = (try number(), try name())
            return ("\(preference) \(host)", nil)
        case .srv:
            let (priority, weight, port, host) = (try number(), try number(), try number(), try name())
            return ("\(priority) \(weight) \(port) \(host)", nil)
        case .txt:
            var text: [UInt8] = []
            repeat {
                let length = Int(try take(1, before: end)[0])
                text += try take(length, before: end)
            } while position < end
            return (String(decoding: text, as: UTF8.self), nil)
        }
    }

    /// Reads a name, compressed or not (RFC 1035, section 4.1.4).
    private mutating func name() throws(DNSMessageError) -> DNSName {
        var labels: [[UInt8]] = []
        var total = 1
        var next = position
        /// Where the name, or the part of it that was pointed to last, starts; a pointer must lead to before it.
        var start = position
        var end: Int?
        while true {
            guard next < bytes.count else { throw DNSMessageError("a name reaches beyond the message") }
            let length = Int(bytes[next])
            switch length {
            case 0:
                position = end ?? next + 1
                guard let name = DNSName(labels: labels) else { throw DNSMessageError("a name is too long") }
                return name
            case 1...DNSName.maximumLabelBytes:
                let label = (next + 1)..<(next + 1 + length)
                guard label.upperBound <= bytes.count else {
                    throw DNSMessageError("a name reaches beyond the message")
                }
                total += length + 1
                guard total <= DNSName.maximumBytes else { throw DNSMessageError("a name is too long") }
                labels.append(Array(bytes[label]))
                next = label.upperBound
            case 0xC0...0xFF:
                guard next + 1 < bytes.count else { throw DNSMessageError("a name reaches beyond the message") }
                let target = (length & 0x3F) << 8 | Int(bytes[next + 1])
                guard target < start else { throw DNSMessageError("a compressed name does not point backwards") }
                end = end ?? next + 2
                next = target
                start = target
            default: throw DNSMessageError("a label of an unknown kind")
            }
        }
    }

    private mutating func number() throws(DNSMessageError) -> UInt16 {
        let two = try take(2, before: bytes.count)
        return UInt16(two[0]) << 8 | UInt16(two[1])
    }

    private mutating func take(_ count: Int, before end: Int) throws(DNSMessageError) -> [UInt8] {
        guard position + count <= end else { throw DNSMessageError("the message ends early") }
        defer { position += count }
        return Array(bytes[position..<(position + count)])
    }
}
