/// The host keys that an instance printed on its console.
///
/// cloud-init prints them at first boot between marks (its module `keys_to_console`). Every line of the console may begin
/// with a time, a program's name, or the end of another line.
struct ConsoleHostKeys: Sendable, Equatable {
    /// The keys; empty when only fingerprints were printed.
    private(set) var keys: [SSHPublicKey] = []
    /// The keys' fingerprints, those of `keys` included.
    private(set) var fingerprints: Set<String> = []
    /// Whether two blocks say different things, so that neither can be believed.
    private(set) var isContradictory = false

    /// Reads a console; `nil` when no complete block is on it.
    init?(console: String) {
        // Not by characters: carriage return and line feed would be one.
        let lines = console.unicodeScalars.split { $0 == "\n" || $0 == "\r" }.map(String.init)
        let printed = Self.blocks("KEYS", in: lines).map { Set($0.compactMap(SSHPublicKey.init(in:))) }
            .filter { !$0.isEmpty }
        let shown = Self.blocks("FINGERPRINTS", in: lines).map { Set($0.compactMap(Self.fingerprint(in:))) }
            .filter { !$0.isEmpty }
        guard let last = printed.last?.map(\.fingerprint) ?? shown.last.map(Array.init) else { return nil }
        fingerprints = Set(last)
        keys = (printed.last ?? []).sorted { ($0.type, $0.base64) < ($1.type, $1.base64) }
        // Anybody whose words get to the console could print a block. Then there are two, unless the true one is gone.
        isContradictory =
            Set(printed).count > 1 || Set(shown).count > 1
            || (shown.last.map { Set($0).isDisjoint(with: last) } ?? false)
    }

    private static func blocks(_ name: String, in lines: [String]) -> [[String]] {
        var blocks: [[String]] = []
        var open: [String]?
        for line in lines {
            if line.contains("-----BEGIN SSH HOST KEY \(name)-----") {
                open = []
            } else if line.contains("-----END SSH HOST KEY \(name)-----") {
                if let open { blocks.append(open) }
                open = nil
            } else {
                open?.append(line)
            }
        }
        return blocks
    }

    private static func fingerprint(in line: String) -> String? {
        let characters: (UInt8) -> Bool = {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 43 || $0 == 47
        }
        return line.split(whereSeparator: \.isWhitespace).first {
            $0.hasPrefix("SHA256:") && $0.utf8.count == 50 && $0.utf8.dropFirst(7).allSatisfy(characters)
        }.map(String.init)
    }
}
