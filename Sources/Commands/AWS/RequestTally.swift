import Engine
import Foundation
import Synchronization
import Workflow

/// Counts the requests that each swap makes of its provider's services, by action, and keeps them beside its evidence.
///
/// A request that serves several swaps counts for the one whose task sent it, so the sum over all swaps is what the
/// server saw.
final class RequestTally: Sendable {
    /// The swap on whose behalf the present task works.
    @TaskLocal static var swap: SwapID?

    static let file = "api-calls.json"

    private struct Account {
        /// What earlier processes counted.
        var earlier: [String: Int]
        var own: [String: Int] = [:]
        var isSaved = true
    }

    private let evidence: EvidenceStore
    private let accounts = Mutex<[SwapID: Account]>([:])

    init(evidence: EvidenceStore) {
        self.evidence = evidence
    }

    /// Counts one request for the present task's swap; requests of other commands are not counted.
    func count(_ action: String) {
        guard let swap = Self.swap else { return }
        accounts.withLock { accounts in
            var account = accounts[swap] ?? Account(earlier: Self.read(swap, from: evidence)?.byAction ?? [:])
            account.own[action, default: 0] += 1
            account.isSaved = false
            accounts[swap] = account
        }
    }

    /// Writes what was counted since the last time; a count that cannot be written stops nothing.
    func save(_ swap: SwapID) {
        let changed = accounts.withLock { accounts -> RequestCount? in
            guard var account = accounts[swap], !account.isSaved else { return nil }
            account.isSaved = true
            accounts[swap] = account
            return RequestCount(account.earlier.merging(account.own, uniquingKeysWith: +))
        }
        guard let changed, let text = try? CanonicalJSON.text(of: changed, pretty: true) else { return }
        let folder = evidence.folder(of: swap)
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try? Data((text + "\n").utf8).write(to: folder.appendingPathComponent(Self.file), options: .atomic)
    }

    /// What was counted for a swap; `nil` when its provider is asked without requests.
    static func read(_ swap: SwapID, from evidence: EvidenceStore) -> RequestCount? {
        evidence.read(RequestCount.self, from: file, of: swap)
    }
}

/// How many requests a swap has made of its provider's services.
struct RequestCount: Codable {
    var total: Int
    var byAction: [String: Int]

    init(_ byAction: [String: Int]) {
        self.byAction = byAction
        total = byAction.values.reduce(0, +)
    }
}
