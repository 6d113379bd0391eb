import Testing
import Workflow

@testable import Patching

@Suite struct RPMVersionTests {
    @Test(arguments: [
        ("1.0", "1.1"), ("1.9", "1.10"), ("1.0~rc1", "1.0"), ("1.0", "1.0^git1"), ("1.0^git1", "1.0.1"),
        ("1.0a", "1.0b"),
        ("1.0a", "1.0.1"), ("9", "1:1"), ("1.0-1", "1.0-2"), ("5.14.0-427.9.1", "5.14.0-427.13.1"), ("1.0^a", "1.0^b"),
    ])
    func ordersOlderBeforeNewer(older: String, newer: String) {
        #expect(RPMVersion(older) < RPMVersion(newer))
        #expect(!(RPMVersion(newer) < RPMVersion(older)))
    }

    /// rpm itself, asked through its Lua, is the oracle.
    @Test func ordersRandomVersionsAsRPMDoes() async throws {
        var pairs: [(String, String)] = []
        let parts = ["0", "1", "10", "09", "a", "b", "rc", "Z", ".", "_", "~", "^", "+", ".1", "~a", "^1", "..", "2a"]
        for _ in 0..<3000 {
            let words = (0..<2).map { _ in
                (0..<Int.random(in: 1...5)).map { _ in parts.randomElement() ?? "1" }.joined()
            }
            pairs.append((words[0], words[1]))
        }
        let runner = RealRunner(environment: ["PATH": "/usr/bin:/bin"])
        var answers: [Int] = []
        for part in stride(from: 0, to: pairs.count, by: 300) {
            let script = pairs[part..<min(part + 300, pairs.count)]
                .map { "io.write(rpm.vercmp('\($0)','\($1)'),' ')" }.joined(separator: " ")
            let result = try await runner.run(Command(["rpm", "--eval", "%{lua:\(script)}"]))
            #expect(result.exitCode == 0, "\(result.errorOutput)")
            answers += result.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        }
        #expect(answers.count == pairs.count && Set(answers).count == 3)
        let wrong = zip(pairs, answers).filter { pair, answer in
            let (left, right) = (RPMVersion(pair.0), RPMVersion(pair.1))
            return (left < right ? -1 : left == right ? 0 : 1) != answer
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    }
}
