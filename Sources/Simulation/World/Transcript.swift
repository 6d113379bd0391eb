/// What happened in a simulated world, a line each, in simulated time; writes nothing unless it is switched on.
final class Transcript: @unchecked Sendable {
    private let isOn: Bool
    private(set) var lines: [String] = []
    /// The simulated time, in milliseconds.
    var now: () -> Int64 = { 0 }

    init(isOn: Bool) {
        self.isOn = isOn
    }

    func note(_ text: @autoclosure () -> String) {
        guard isOn else { return }
        let time = now()
        let seconds = "\(time / 1000).\(String(1000 + time % 1000).dropFirst())"
        lines.append(String(repeating: " ", count: max(0, 10 - seconds.count)) + seconds + "  " + text())
    }
}
