import Foundation
import Workflow

/// What first boot says of itself, in its file and on the console.
struct FirstBootReport: Sendable, Hashable, Decodable {
    /// How far it has come.
    enum Status: String, Sendable, Hashable, Decodable {
        case running, finished, failed
    }

    /// The file on the instance.
    static let path = "/var/lib/changeover/first-boot.json"
    /// What its lines on the console begin with, followed by the status and the detail.
    static let mark = "changeover: first-boot "

    var status: Status
    var detail: String
    var bootId: String?

    init(status: Status, detail: String, bootId: String? = nil) {
        self.status = status
        self.detail = detail
        self.bootId = bootId
    }

    /// Reads the file; `nil` when it is no such file.
    init?(file: String) {
        guard let read = try? JSONDecoder().decode(Self.self, from: Data(file.utf8)) else { return nil }
        self = read
    }

    /// Reads the last line of its kind on a console; `nil` when there is none.
    init?(console: String) {
        let lines = console.split(whereSeparator: \.isNewline)
        for line in lines.reversed() {
            guard let mark = line.range(of: Self.mark) else { continue }
            let words = line[mark.upperBound...].split(separator: " ", maxSplits: 1)
            guard let status = words.first.flatMap({ Status(rawValue: String($0)) }) else { continue }
            self.init(status: status, detail: words.count > 1 ? String(words[1].prefix(300)) : "")
            return
        }
        return nil
    }

    /// The same in the words of the port.
    var firstBootStatus: FirstBootStatus {
        switch status {
        case .running: .running(detail: detail)
        case .finished: .finished
        case .failed: .failed(reason: detail)
        }
    }
}
