/// One question to a DNS server, with its number.
struct DNSQuestion: Sendable, Hashable {
    /// Picked at random, so that nobody who does not see the question can answer it (RFC 5452).
    var id: UInt16
    var name: DNSName
    var type: DNSRecordType
    var wantsRecursion: Bool

    /// The question as a message (RFC 1035, section 4.1).
    ///
    /// Without EDNS: every server understands it, and an answer over 512 bytes comes over TCP.
    var message: [UInt8] {
        let flags: UInt16 = wantsRecursion ? 0x0100 : 0
        let header = [id, flags, 1, 0, 0, 0].flatMap(Self.bytes)
        return header + name.bytes + Self.bytes(type.number) + Self.bytes(DNSMessageReader.classInternet)
    }

    /// The question as it is sent over TCP: after its length.
    var streamMessage: [UInt8] {
        let message = message
        return Self.bytes(UInt16(message.count)) + message
    }

    private static func bytes(_ number: UInt16) -> [UInt8] {
        [UInt8(number >> 8), UInt8(number & 0xFF)]
    }
}
