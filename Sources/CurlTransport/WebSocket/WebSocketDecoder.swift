/// Decodes the frames that a server sends (RFC 6455, section 5), in pieces of any size.
struct WebSocketDecoder {
    /// Holds what the peer said.
    enum Event: Equatable {
        case message(WebSocketMessage)
        case ping([UInt8])
        case pong
        case close(WebSocketClose)
    }

    /// Says how the peer broke the protocol.
    struct Fault: Error, Equatable {
        /// Holds the status code to close with: 1002 for a wrong frame, 1009 for a message that is too long.
        var closeCode: UInt16
        var words: String
    }

    private struct Header {
        var opcode: WebSocketFrame.Opcode
        var isFinal: Bool
        var payloadCount: Int
    }

    private let maxMessageBytes: Int
    /// Holds the bytes of a header that is not complete yet.
    private var headerBytes: [UInt8] = []
    /// Holds the frame whose payload is being read, and what has come of it.
    private var header: Header?
    private var control: [UInt8] = []
    private var left = 0
    /// Holds the kind and the bytes of a message that is not complete yet.
    private var messageOpcode: WebSocketFrame.Opcode?
    private var message: [UInt8] = []

    init(maxMessageBytes: Int) {
        self.maxMessageBytes = maxMessageBytes
    }

    /// Takes bytes and hands what is complete over; nothing may be decoded after a fault or a close.
    mutating func decode(_ bytes: ArraySlice<UInt8>, _ handle: (Event) -> Void) throws(Fault) {
        var rest = bytes
        while true {
            if header == nil {
                guard try readHeader(&rest) else { return }
            }
            let taken = rest.prefix(left)
            rest = rest.dropFirst(taken.count)
            left -= taken.count
            if header?.opcode.isControl == true {
                control += taken
            } else {
                message += taken
            }
            guard left == 0, let complete = header else { return }
            header = nil
            if let event = try event(complete) { handle(event) }
        }
    }

    /// Reads a header as far as it has come; returns whether it is complete.
    private mutating func readHeader(_ rest: inout ArraySlice<UInt8>) throws(Fault) -> Bool {
        while headerBytes.count < headerCount {
            guard let byte = rest.popFirst() else { return false }
            headerBytes.append(byte)
            if headerBytes.count == 2 { try checkStart() }
        }
        let short = Int(headerBytes[1] & 0x7F)
        var count = UInt64(short)
        if short > 125 { count = headerBytes[2...].reduce(0) { $0 << 8 | UInt64($1) } }
        guard let opcode = WebSocketFrame.Opcode(rawValue: headerBytes[0] & 0x0F) else {
            throw Fault(closeCode: 1002, words: "a frame of an unknown kind")
        }
        let held = opcode.isControl ? 0 : message.count
        guard opcode.isControl || count <= UInt64(max(0, maxMessageBytes - held)) else {
            throw Fault(closeCode: 1009, words: "a message is larger than its cap of \(maxMessageBytes) bytes")
        }
        header = Header(opcode: opcode, isFinal: headerBytes[0] & 0x80 != 0, payloadCount: Int(count))
        left = Int(count)
        headerBytes = []
        return true
    }

    /// Holds how long the header is, as far as its bytes tell.
    private var headerCount: Int {
        guard headerBytes.count >= 2 else { return 2 }
        switch headerBytes[1] & 0x7F {
        case 126: return 4
        case 127: return 10
        default: return 2
        }
    }

    /// Checks what the first two bytes tell.
    private func checkStart() throws(Fault) {
        let (first, second) = (headerBytes[0], headerBytes[1])
        guard first & 0x70 == 0 else { throw Fault(closeCode: 1002, words: "a frame of an extension") }
        guard second & 0x80 == 0 else { throw Fault(closeCode: 1002, words: "a masked frame from the server") }
        guard let opcode = WebSocketFrame.Opcode(rawValue: first & 0x0F) else {
            throw Fault(closeCode: 1002, words: "a frame of an unknown kind")
        }
        switch opcode {
        case .close, .ping, .pong:
            guard first & 0x80 != 0, second <= WebSocketFrame.maxControlBytes else {
                throw Fault(closeCode: 1002, words: "a control frame that is fragmented or too long")
            }
        case .continuation:
            guard messageOpcode != nil else { throw Fault(closeCode: 1002, words: "a continuation of nothing") }
        case .text, .binary:
            guard messageOpcode == nil else { throw Fault(closeCode: 1002, words: "a message within another") }
        }
    }

    /// Returns what a complete frame says; `nil` for a fragment that is not the last.
    private mutating func event(_ header: Header) throws(Fault) -> Event? {
        defer { control = [] }
        switch header.opcode {
        case .ping: return .ping(control)
        case .pong: return .pong
        case .close: return .close(try Self.close(control))
        case .text, .binary: messageOpcode = header.opcode
        case .continuation: break
        }
        guard header.isFinal else { return nil }
        defer {
            messageOpcode = nil
            message = []
        }
        return .message(messageOpcode == .text ? .text(message) : .binary(message))
    }

    private static func close(_ payload: [UInt8]) throws(Fault) -> WebSocketClose {
        if payload.isEmpty { return WebSocketClose(code: 1005) }
        guard payload.count >= 2 else { throw Fault(closeCode: 1002, words: "a close frame with half a code") }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        return WebSocketClose(code: code, reason: String(decoding: payload[2...], as: UTF8.self))
    }
}
