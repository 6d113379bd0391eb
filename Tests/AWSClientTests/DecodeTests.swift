import Foundation
import Testing

@testable import AWSClient

@Suite("Large answers", .serialized)
struct DecodeTests {
    /// The memory that is resident now, in bytes.
    private func residentBytes() throws -> Int {
        let words = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(words[1])) * sysconf(Int32(_SC_PAGESIZE))
    }

    @Test("1,000 instances are decoded soon and in little memory")
    func thousand() throws {
        let bytes = Array(SampleAnswer.document(instances: 1000).utf8)
        let chunks = stride(from: 0, to: bytes.count, by: 16_384).map {
            Array(bytes[$0..<min(bytes.count, $0 + 16_384)])
        }
        let before = try residentBytes()
        var roots: [AWSElement] = []
        let spent = try ContinuousClock().measure {
            let parser = XMLTreeParser(each: ["reservationSet", "item"]) { roots.append($0) }
            for chunk in chunks { try parser.feed(chunk) }
            _ = try parser.finish()
        }
        let grown = try residentBytes() - before
        #expect(roots.count == 1000)
        #expect(roots[999].items("instancesSet").first?.items("tagSet").count == 12)
        print("DecodeTests: \(bytes.count / 1024) KiB in \(spent), resident memory grew by \(grown / 1024) KiB")
        // Generous: debug builds and busy machines are many times slower. Benchmarks/decode measures properly.
        #expect(spent < .seconds(10))
        #expect(grown < 200 * 1024 * 1024)
    }
}
