public import Workflow

/// Takes the evidence of swaps, one named text at a time.
public protocol EvidenceWriter: Sendable {
    /// Writes one text, replacing what had its name; throws `EngineError` with code `evidence`, also for what `text`
    /// throws.
    func write(_ name: String, of id: SwapID, _ text: () async throws -> String) async throws(EngineError)
}

extension EvidenceWriter {
    /// Writes a value as JSON with sorted keys.
    func write(_ value: some Encodable, asJSON name: String, of id: SwapID) async throws(EngineError) {
        try await write(name, of: id) { try CanonicalJSON.text(of: value, pretty: true) + "\n" }
    }
}
