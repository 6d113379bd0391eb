import Testing

@testable import Engine

@Suite("What is new in a console's text")
struct ConsoleCursorTests {
    private static func text(_ numbers: Range<Int>) -> String {
        numbers.map { "[\($0)] a line of the console\n" }.joined()
    }

    /// What one cursor takes of texts, one after the other.
    private func taken(_ texts: [String]) -> [[String]] {
        var cursor = ConsoleCursor()
        return texts.map { cursor.newLines(in: $0) }
    }

    @Test("A text that grows gives each complete line once, without empty ones")
    func growing() {
        let long = "one\ntwo\n\n\nthree\n"
        #expect(
            taken(["", "one\ntw", "one\ntw", long, "\(long)three\n", "", "\(long)three\nfour\n"])
                == [[], ["one"], [], ["two", "three"], ["three"], [], ["four"]])
    }

    @Test("Carriage returns before line feeds are no part of a line, whenever they come")
    func carriageReturns() {
        #expect(
            taken(["one\r\ntwo\r", "one\r\ntwo\r\n\r\n9%\r99%\r\r\nthree\n"])
                == [["one"], ["two", "9%\r99%", "three"]])
    }

    @Test("Of a text that loses its beginning nothing is lost or comes twice", arguments: [2000, 10_000], [1, 7, 300])
    func sliding(_ limitBytes: Int, _ step: Int) {
        var console = ""
        var texts: [String] = []
        var count = 0
        while count < 1000 {
            // No more at once than the text can hold with something of what it had before.
            let next = count + min(step, limitBytes / 40)
            console += Self.text(count..<next)
            count = next
            // From the middle of a line on, as of a serial console.
            texts.append(String(decoding: console.utf8.suffix(limitBytes), as: UTF8.self))
        }
        #expect(taken(texts).flatMap { $0 } == console.split(separator: "\n").map(String.init))
    }

    @Test("A text that has begun anew, or has lost all that was known, is all new")
    func anew() {
        let found = taken([Self.text(0..<500), "boot\n", Self.text(600..<610), Self.text(600..<611)])
        #expect(found.map(\.count) == [500, 1, 10, 1])
    }
}
