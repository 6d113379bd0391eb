import Foundation

/// One line of `--output jsonl` of `swap` and `watch`.
struct SwapLine: Decodable, Sendable {
    var type: String
    var swap: String
    var state: String
    var sequence: Int?
    var epoch: Int?
    var atMilliseconds: Int64?
    var calls: [String]?
    var reasons: [String]

    /// Every complete line that is one.
    static func lines(of text: String) -> [SwapLine] {
        let complete = text.lastIndex(of: "\n").map { text[...$0] } ?? ""
        return complete.split(separator: "\n").compactMap {
            try? JSONDecoder().decode(SwapLine.self, from: Data($0.utf8))
        }
    }
}

/// What `status --output json` prints.
struct SwapStatus: Decodable, Sendable {
    struct Driver: Decodable, Sendable {
        var processID: Int32?
    }

    var swap: String
    var state: String
    var explanation: String
    var exitCode: Int32
    var isPaused: Bool
    var hasEnded: Bool
    var original: String
    var replacement: String?
    var holdUntilMilliseconds: Int64?
    var updatedAtMilliseconds: Int64
    var callCount: Int
    var driver: Driver?
    var next: [String]
    var evidence: String
}

/// One row of `list --output json`.
struct SwapListing: Decodable, Sendable {
    struct Summary: Decodable, Sendable {
        var state: String
        var original: String
        var hasEnded: Bool
    }

    var id: String
    var summary: Summary
}

/// One row of `instances --output json`.
struct InstanceListing: Decodable, Sendable {
    struct Instance: Decodable, Sendable {
        var id: String
        var name: String
        var state: String
        var address: String?
        var tags: [String: String]
    }

    var instance: Instance
    var pendingUpdates: Int?
}

/// One row of `orphans list --output json`.
struct OrphanListing: Decodable, Sendable {
    var swap: String
    var reason: String
}

/// What the load client counted.
struct LoadReport: Decodable, Sendable {
    var requests: Int
    var failed: Int
    var failures: [String]
    var answeredBy: [String: Int]
}
