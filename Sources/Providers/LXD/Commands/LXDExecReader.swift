import LXDClient
import Workflow

/// Reads one output stream of an exec from its socket.
///
/// The server ends a stream with a message without bytes (a text message, its "barrier"), and then closes the socket.
struct LXDExecReader: Sendable {
    /// How a stream ended.
    enum Ending: Sendable, Hashable {
        /// All of it was read.
        case complete
        /// The socket was closed before.
        case closed
        /// Reading failed.
        case failed(LXDError)
    }

    /// Whether the stream is standard error, which carries the reports.
    let isError: Bool
    /// How the stream ended; `nil` while it goes on.
    private(set) var ending: Ending?
    private let socket: any LXDSocket
    private var lines: LineCollector
    private var filter: MarkerFilter?

    /// Creates a reader; with a marker it looks for reports.
    init(_ socket: any LXDSocket, isError: Bool, limit: Int, marker: String?) {
        self.socket = socket
        self.isError = isError
        lines = LineCollector(limit: limit)
        filter = marker.map { MarkerFilter(marker: $0) }
    }

    /// What was kept, as UTF-8 with repairs.
    var text: String { lines.text }

    /// Whether output beyond the limit was dropped.
    var isTruncated: Bool { lines.isTruncated }

    /// Reads until there are reports or the stream ends.
    mutating func read(onLine: @escaping @Sendable (CommandLineOutput) -> Void) async -> [LXDExecReport] {
        let isError = isError
        let emit = { (text: String) in onLine(CommandLineOutput(isError: isError, text: text)) }
        while ending == nil {
            do throws(LXDError) {
                guard let bytes = try await socket.receive() else {
                    ending = .closed
                    break
                }
                guard !bytes.isEmpty else {
                    ending = .complete
                    break
                }
                let reports = take(bytes, emit)
                if !reports.isEmpty { return reports }
            } catch {
                ending = .failed(error)
            }
        }
        filter?.finish { lines.append($0, onLine: emit) }
        lines.finish(onLine: emit)
        return []
    }

    private mutating func take(_ bytes: [UInt8], _ emit: (String) -> Void) -> [LXDExecReport] {
        guard var filter else {
            bytes.withUnsafeBytes { lines.append($0, onLine: emit) }
            return []
        }
        self.filter = nil
        let reports = filter.take(bytes) { lines.append($0, onLine: emit) }
        self.filter = filter
        return reports
    }
}
