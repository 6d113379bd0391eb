public import Foundation
public import Workflow

/// Keeps the evidence of each swap in a folder of its own, as plain files that can be read offline.
public struct EvidenceStore: Sendable {
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
    public func write(_ text: String, as name: String, of id: SwapID) throws(EngineError) {
        let folder = folder(of: id)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: folder.appendingPathComponent(name), options: .atomic)
        } catch {
            throw EngineError(
                .evidence, "cannot write \(name) to \(folder.path): \(error.localizedDescription)", underlying: error)
        }
    }

    /// Writes a value as JSON with sorted keys.
    public func write(_ value: some Encodable, asJSON name: String, of id: SwapID) throws(EngineError) {
        let text: String
        do {
            text = try CanonicalJSON.text(of: value, pretty: true)
        } catch {
            throw EngineError(.evidence, "cannot encode \(name)", underlying: error)
        }
        try write(text + "\n", as: name, of: id)
    }

    /// Reads a JSON file; `nil` when it does not exist or cannot be decoded.
    public func read<Value: Decodable>(_ type: Value.Type, from name: String, of id: SwapID) -> Value? {
        guard let data = try? Data(contentsOf: folder(of: id).appendingPathComponent(name)) else { return nil }
        return try? JSONDecoder().decode(type, from: data)
    }
}
