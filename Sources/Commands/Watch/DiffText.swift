import Engine
import Patching
import Workflow

/// Original beside replacement.
struct DiffDocument: Codable {
    var type = "diff"
    var swap: SwapID
    var packages: PackageComparison
    var kernel: Pair
    var listeningPorts: ListPair
    var units: ListPair
    var mounts: ListPair
    var users: ListPair
    /// How many updates the original lacked; `nil` when it could not be asked.
    var originalPendingUpdates: Int?

    struct Pair: Codable {
        var original: String
        var replacement: String
    }

    struct ListPair: Codable {
        var onlyOriginal: [String]
        var onlyReplacement: [String]

        init(_ original: [String], _ replacement: [String]) {
            onlyOriginal = original.filter { !replacement.contains($0) }.sorted()
            onlyReplacement = replacement.filter { !original.contains($0) }.sorted()
        }
    }

    /// Reads both machines' facts from the evidence; `nil` while one of them is missing.
    init?(for swap: Swap, evidence: EvidenceStore) {
        guard let original = evidence.read(MachineFacts.self, from: EvidenceFile.originalFacts, of: swap.id),
            let replacement = evidence.read(MachineFacts.self, from: EvidenceFile.replacementFacts, of: swap.id)
        else { return nil }
        let status = evidence.read(PatchStatus.self, from: EvidenceFile.originalPatchStatus, of: swap.id)
        self.swap = swap.id
        packages = PackageComparison(original: original, replacement: replacement, status: status)
        kernel = Pair(original: original.kernel, replacement: replacement.kernel)
        listeningPorts = ListPair(original.listeningPorts, replacement.listeningPorts)
        units = ListPair(original.units, replacement.units)
        mounts = ListPair(original.mounts, replacement.mounts)
        users = ListPair(original.users, replacement.users)
        originalPendingUpdates = status?.pending.count
    }
}

/// The comparison of original and replacement in words.
enum DiffText {
    static func lines(for swap: Swap, evidence: EvidenceStore) -> [String] {
        DiffDocument(for: swap, evidence: evidence).map(lines) ?? []
    }

    static func lines(_ diff: DiffDocument) -> [String] {
        let rows = diff.packages.differences.map { difference in
            [
                difference.package, difference.original ?? "–", difference.replacement ?? "–", difference.kind.rawValue,
                difference.isSecurity ? "security" : "",
            ]
        }
        var lines = Table.lines(header: ["package", "original", "replacement", "", ""], rows: rows)
        lines.append("alike on both: \(diff.packages.unchangedCount) packages")
        if diff.kernel.original != diff.kernel.replacement {
            lines.append("kernel: \(diff.kernel.original) → \(diff.kernel.replacement)")
        }
        for (what, pair) in [
            ("listening ports", diff.listeningPorts), ("units", diff.units), ("mounts", diff.mounts),
            ("users", diff.users),
        ] {
            if !pair.onlyOriginal.isEmpty {
                lines.append("\(what) only on the original: \(pair.onlyOriginal.joined(separator: ", "))")
            }
            if !pair.onlyReplacement.isEmpty {
                lines.append("\(what) only on the replacement: \(pair.onlyReplacement.joined(separator: ", "))")
            }
        }
        return lines
    }
}
