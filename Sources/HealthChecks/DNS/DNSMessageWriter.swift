internal import Glibc

/// Writes the answers of a DNS server that there is not, for tests of check files.
enum DNSMessageWriter {
    /// The answer to a question's message, with one record for each value; values that are none of the type are left
    /// out.
    static func answer(to query: [UInt8], rcode: DNSResponseCode, values: [String], type: DNSRecordType) -> [UInt8] {
        guard query.count > 12 else { return [] }
        let records = values.compactMap { data(of: $0, type) }
        var bytes = Array(query[0..<2]) + [0x81, 0x80 | rcode.number]
        bytes += [0, 1] + number(records.count) + [0, 0, 0, 0] + query[12...]
        for record in records {
            // A pointer to the question's name, the class internet, a minute to live.
            bytes += [0xC0, 12] + number(Int(type.number)) + [0, 1, 0, 0, 0, 60] + number(record.count) + record
        }
        return bytes
    }

    /// The type that a question's message asks for.
    static func type(of query: [UInt8]) -> DNSRecordType? {
        guard query.count >= 16 else { return nil }
        let number = UInt16(query[query.count - 4]) << 8 | UInt16(query[query.count - 3])
        return DNSRecordType.allCases.first { $0.number == number }
    }

    private static func data(of value: String, _ type: DNSRecordType) -> [UInt8]? {
        switch type {
        case .a:
            var address = in_addr()
            return inet_pton(AF_INET, value, &address) == 1 ? withUnsafeBytes(of: address) { Array($0) } : nil
        case .aaaa:
            var address = in6_addr()
            return inet_pton(AF_INET6, value, &address) == 1 ? withUnsafeBytes(of: address) { Array($0) } : nil
        case .cname, .ns, .ptr: return DNSName(text: value)?.bytes
        case .mx, .srv:
            let words = value.split(separator: " ")
            guard let name = words.last.flatMap({ DNSName(text: String($0)) }) else { return nil }
            let numbers = words.dropLast().compactMap { UInt16($0) }
            return numbers.flatMap { Self.number(Int($0)) } + name.bytes
        case .txt:
            let bytes = Array(value.utf8)
            return stride(from: 0, to: max(1, bytes.count), by: 255).flatMap { start in
                let part = bytes[start..<min(start + 255, bytes.count)]
                return [UInt8(part.count)] + part
            }
        }
    }

    private static func number(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)] }
}
