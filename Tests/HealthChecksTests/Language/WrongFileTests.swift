import Documents
import Testing

@testable import HealthChecks

@Suite struct WrongFileTests {
    @Test func everyMistakeIsFoundWhereItIs() {
        for (number, example) in WrongFiles.all.enumerated() {
            let whole = "%whole "
            let isWhole = example.text.hasPrefix(whole)
            let text = isWhole ? String(example.text.dropFirst(whole.count)) : WrongFiles.header + example.text
            let errors = CheckFile.lint(text: text, path: "web.yaml")
            guard let error = errors.first(where: { Self.place(of: $0) == example.place }) else {
                Issue.record("\(example.text) \(example.place): \(errors)")
                continue
            }
            #expect(error.message.contains(example.named), "\(error)")
            if let proposed = example.proposed {
                #expect(error.suggestion?.contains(proposed) == true, "\(error)")
            }
            print("\(number + 1). \(error)")
        }
        #expect(WrongFiles.all.count >= 80)
    }

    private static func place(of error: DocumentError) -> String {
        "\(error.line):\(error.column) \(error.code.rawValue)" + (error.keyPath.isEmpty ? "" : " \(error.keyPath)")
    }

    @Test func sizeAndEncoding() {
        let large = CheckFile.lint(bytes: Array(repeating: 0x20, count: 256 * 1024 + 1), path: "f").map(\.description)
        #expect(large == ["f:1:1: the file has 262145 bytes; the limit is 262144 [too-large]"])
        let broken = CheckFile.lint(bytes: Array(WrongFiles.header.utf8) + [0x61, 0xFF], path: "f").map(\.description)
        #expect(broken == ["f:4:2: the file is not UTF-8: the byte at offset 67 is invalid [not-utf8]"])
    }
}
