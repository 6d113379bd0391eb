/// Encodes the frames that a client sends (RFC 6455, section 5.2).
enum WebSocketFrame {
    /// Names the kinds of frames.
    enum Opcode: UInt8, Sendable {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10

        var isControl: Bool { rawValue >= 8 }
    }

    /// Bounds a control frame's payload (RFC 6455, section 5.5).
    static let maxControlBytes = 125

    /// Returns a whole, masked frame; the mask is unpredictable, as section 5.3 demands.
    static func encode(_ opcode: Opcode, _ payload: [UInt8]) -> [UInt8] {
        encode(opcode, payload, mask: UInt32.random(in: .min ... .max))
    }

    static func encode(_ opcode: Opcode, _ payload: [UInt8], mask: UInt32) -> [UInt8] {
        var frame: [UInt8] = [0x80 | opcode.rawValue]
        switch payload.count {
        case ...125: frame.append(0x80 | UInt8(payload.count))
        case ...0xFFFF:
            frame.append(0x80 | 126)
            frame += bytes(UInt64(payload.count)).suffix(2)
        default:
            frame.append(0x80 | 127)
            frame += bytes(UInt64(payload.count))
        }
        frame += bytes(UInt64(mask)).suffix(4)
        return frame + masked(payload, mask)
    }

    /// Returns bytes combined with the mask again and again, eight at a time.
    private static func masked(_ payload: [UInt8], _ mask: UInt32) -> [UInt8] {
        let key = UInt64(mask.byteSwapped) << 32 | UInt64(mask.byteSwapped)
        var result = payload
        result.withUnsafeMutableBytes { bytes in
            let whole = bytes.count & ~7
            for offset in stride(from: 0, to: whole, by: 8) {
                let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
                bytes.storeBytes(of: (word ^ key).littleEndian, toByteOffset: offset, as: UInt64.self)
            }
            for offset in whole..<bytes.count {
                bytes[offset] ^= UInt8(truncatingIfNeeded: key >> UInt64((offset - whole) * 8))
            }
        }
        return result
    }

    /// Returns a close frame; the reason is cut to what fits.
    static func encode(_ close: WebSocketClose) -> [UInt8] {
        // 1005 stands for "no code" and is never sent.
        guard close.code != 1005 else { return encode(.close, []) }
        var reason = close.reason
        while reason.utf8.count > maxControlBytes - 2 { reason.removeLast() }
        return encode(.close, bytes(UInt64(close.code)).suffix(2) + Array(reason.utf8))
    }

    private static func bytes(_ number: UInt64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
