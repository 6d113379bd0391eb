import AWSClient
import Foundation

/// The most memory that was ever resident, in KiB.
func peakKilobytes() throws -> Int {
    let lines = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
    return lines.first { $0.hasPrefix("VmHWM") }?.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }.first
        ?? 0
}

let bytes = Array(SampleAnswer.document(instances: 1000).utf8)
let chunks = stride(from: 0, to: bytes.count, by: 16_384).map { Array(bytes[$0..<min(bytes.count, $0 + 16_384)]) }
let runs = 15
let before = try peakKilobytes()
var peak = 0
var times: [Duration] = []
for run in 0..<runs {
    var elements: [AWSElement] = []
    let spent = try ContinuousClock().measure {
        let parser = XMLTreeParser(each: ["reservationSet", "item"]) { elements.append($0) }
        for chunk in chunks { try parser.feed(chunk) }
        _ = try parser.finish()
    }
    precondition(elements.count == 1000)
    if run == 0 { peak = try peakKilobytes() - before }
    times.append(spent)
}
times.sort()
print(
    "decode: \(bytes.count / 1024) KiB, 1,000 instances: median \(times[runs / 2]), worst \(times[runs - 1]), kept whole: peak memory + \(peak) KiB"
)
