/// Finds what is new in a console's text, which grows at its end and loses its beginning when it gets too long; pure.
///
/// Once the text has lost its beginning, neither its length nor any place in it tells what was taken before. So the end
/// of what was taken is remembered and looked for, from where it was backwards, which is the way it moves.
struct ConsoleCursor: Sendable {
    /// How much is remembered: more than a few lines that are repeated one after the other.
    private static let memoryBytes = 4096
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// The end of what was taken, up to and with a line feed; nothing at first.
    private var taken: [UInt8] = []
    /// Where it ended in the text of that time.
    private var end = 0

    /// Takes the complete lines that are new in a text, but for empty ones.
    ///
    /// A text in which nothing of what was taken is left is all new.
    mutating func newLines(in text: String) -> [String] {
        // By bytes: a carriage return with a line feed is one character, and counting characters is slow.
        let bytes = Array(text.utf8)
        let start = place(in: bytes)
        guard let last = bytes[start...].lastIndex(of: Self.lineFeed) else { return [] }
        end = last + 1
        taken = Array(bytes[..<end].suffix(Self.memoryBytes))
        return bytes[start..<end].split(separator: Self.lineFeed).compactMap { bytes -> String? in
            var line = bytes
            while line.last == Self.carriageReturn { line.removeLast() }
            return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
        }
    }

    /// Where in a text that follows what was taken; its beginning when nothing of that is found.
    private func place(in bytes: [UInt8]) -> Int {
        for place in stride(from: min(end, bytes.count), to: 0, by: -1) where bytes[place - 1] == Self.lineFeed {
            // Where the text has lost most of what is remembered, the rest of it is at the text's beginning.
            let count = min(place, taken.count)
            if bytes[(place - count)..<place].elementsEqual(taken.suffix(count)) { return place }
        }
        return 0
    }
}
