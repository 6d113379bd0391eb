public import Foundation
public import Workflow

/// Keeps the evidence of each swap in a folder of its own, as plain files that can be read offline.
public struct EvidenceStore: EvidenceWriter {
    /// The folder that holds one folder a swap.
    public let root: URL

    /// Creates a store over a folder, which need not exist yet.
    public init(root: URL) {
        self.root = root
    }

    /// The folder of one swap.
    public func folder(of id: SwapID) -> URL {
        root.appendingPathComponent(id.rawValue, isDirectory: true)
    }

    /// Writes one file, replacing it as a whole; throws `EngineError` with code `evidence`.
    public func write(
        _ name: String, of id: SwapID, _ text: () async throws -> String
    ) async throws(EngineError) {
        let folder = folder(of: id)
        do {
            let data = Data(try await text().utf8)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try data.write(to: folder.appendingPathComponent(name), options: .atomic)
        } catch {
            throw EngineError(
                .evidence, "cannot write \(name) to \(folder.path): \(error.localizedDescription)", underlying: error)
        }
    }

    /// Reads a JSON file; `nil` when it does not exist or cannot be decoded.
    public func read<Value: Decodable>(_ type: Value.Type, from name: String, of id: SwapID) -> Value? {
        guard let data = try? Data(contentsOf: folder(of: id).appendingPathComponent(name)) else { return nil }
        return try? JSONDecoder().decode(type, from: data)
    }
}
