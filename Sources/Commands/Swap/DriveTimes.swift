import Engine
import Foundation
import Workflow

/// How long the drives of each swap took, kept beside its evidence.
struct DriveTimes: Sendable {
    private static let file = "timing.json"

    let evidence: EvidenceStore

    /// Adds a drive; a time that cannot be written stops nothing.
    func add(_ timing: DriveTiming, to swap: SwapID) {
        let sum = (read(swap) ?? DriveTiming()) + timing
        guard let text = try? CanonicalJSON.text(of: sum, pretty: true) else { return }
        let folder = evidence.folder(of: swap)
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try? Data((text + "\n").utf8).write(to: folder.appendingPathComponent(Self.file), options: .atomic)
    }

    /// The drives of a swap that have ended, together; `nil` when none has.
    func read(_ swap: SwapID) -> DriveTiming? { evidence.read(DriveTiming.self, from: Self.file, of: swap) }
}
