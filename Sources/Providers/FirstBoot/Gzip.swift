internal import CZlib

/// Compresses and decompresses by gzip (RFC 1952), with zlib.
enum Gzip {
    /// What gzip may add to bytes that cannot be compressed, header and trailer included (zlib manual, deflateBound).
    private static func bound(_ count: Int) -> Int { count + count >> 12 + count >> 14 + 64 }

    /// Compresses; the same bytes always give the same result, without time or name.
    static func compress(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: bound(bytes.count)) { output, count in
            let written = changeover_gzip(
                bytes, UInt32(bytes.count), output.baseAddress, UInt32(output.count))
            precondition(written >= 0, "zlib did not keep to its bound")
            count = written
        }
    }

    /// Decompresses one member; `nil` when it is damaged or its content is larger than the limit.
    static func decompress(_ bytes: [UInt8], limitBytes: Int) -> [UInt8]? {
        var isGood = false
        // One byte more than allowed, so that what fits exactly is told from what does not.
        let content = [UInt8](unsafeUninitializedCapacity: limitBytes + 1) { output, count in
            let written = changeover_gunzip(
                bytes, UInt32(bytes.count), output.baseAddress, UInt32(output.count))
            isGood = (0...limitBytes).contains(written)
            count = isGood ? written : 0
        }
        return isGood ? content : nil
    }
}
