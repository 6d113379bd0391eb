/// Reads what `systemctl` prints for programs.
enum SystemctlOutput {
    /// The properties that `systemctl show` prints, one `Name=value` a line, an empty line between units.
    static func properties(_ text: String) -> [[String: String]] {
        var blocks: [[String: String]] = []
        var block: [String: String] = [:]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty {
                if !block.isEmpty { blocks.append(block) }
                block = [:]
            } else if let equals = line.firstIndex(of: "=") {
                block[String(line[..<equals])] = String(line[line.index(after: equals)...])
            }
        }
        if !block.isEmpty { blocks.append(block) }
        return blocks
    }

    /// The units' names in the first column of `systemctl list-units`.
    ///
    /// Without `--plain`, and in releases that do not heed it, a mark such as `●` comes before the name.
    static func units(_ text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            line.split(separator: " ").first { $0.contains(".") }.map(String.init)
        }
    }
}
