/// Who may import what: the arrows of the architecture.
enum ImportRule {
    /// The modules of our own that each target may import; a target that is not listed is not known.
    static let own: [String: Set<String>] = [
        "CCurl": [], "CXML2": [], "CZlib": [], "CPostgres": [],
        "CurlTransport": ["CCurl"],
        "Workflow": [],
        "Documents": ["Workflow"],
        "Statistics": [],
        "HealthChecks": ["Workflow", "Documents", "CurlTransport", "Statistics"],
        "Configuration": ["Documents", "Workflow", "HealthChecks"],
        "Patching": ["Workflow"],
        "AWSClient": ["CurlTransport", "CXML2", "Workflow"],
        "LXDClient": ["CurlTransport", "Workflow"],
        "Providers": ["Workflow", "AWSClient", "LXDClient", "CurlTransport", "CZlib"],
        "Traffic": ["Workflow", "AWSClient", "LXDClient", "CurlTransport"],
        "Journal": ["Workflow", "CPostgres"],
        "Engine": ["Workflow"],
        "Simulation": ["Workflow", "Providers", "Engine"],
        "simulate": ["Simulation", "Workflow", "Providers"],
        "Console": ["Engine", "Workflow"],
        "Commands": [
            "CurlTransport", "Workflow", "Documents", "HealthChecks", "Configuration", "Patching", "AWSClient",
            "LXDClient", "Providers", "Traffic", "Journal", "Engine", "Console", "Simulation",
        ],
        "changeover": ["Commands"],
        "TestSupport": ["Workflow", "Providers"],
    ]

    /// The modules of other packages that each target may import.
    static let foreign: [String: Set<String>] = [
        "Documents": ["Yams", "CYaml"], "Journal": ["GRDB", "PostgresNIO"], "Engine": ["Crypto"],
        "AWSClient": ["Crypto"], "Providers": ["Crypto"], "Commands": ["ArgumentParser", "ServiceLifecycle"],
        "simulate": ["ArgumentParser"],
    ]

    /// The modules of the toolchain; `Workflow` gets by with the first two.
    static let system: Set<String> = [
        "Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Synchronization",
    ]

    /// The module that a line imports, with or without access level, attribute and kind.
    static func module(importedBy line: String) -> String? {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let position = words.firstIndex(of: "import"), position + 1 < words.count else { return nil }
        let modifiers: Set = ["public", "package", "internal", "fileprivate", "private"]
        guard words[..<position].allSatisfy({ modifiers.contains($0) || $0.hasPrefix("@") }) else { return nil }
        let kinds: Set = ["class", "struct", "enum", "protocol", "func", "var", "let", "typealias"]
        let name = kinds.contains(words[position + 1]) ? words.dropFirst(position + 2).first : words[position + 1]
        return name?.split(separator: ".").first.map(String.init)
    }

    static func problems(in file: SourceFile) -> [String] {
        let target = file.target
        let foundation: Set = ["Foundation", "FoundationEssentials"]
        let allowed = (own[target] ?? []).union(foreign[target] ?? []).union(target == "Workflow" ? foundation : system)
        return file.lines.enumerated().compactMap { number, line in
            guard let module = module(importedBy: line), !allowed.contains(module) else { return nil }
            return "\(file.path):\(number + 1): \(target) may not import \(module)"
        }
    }

    /// The folders of `Sources` that are no target of the architecture.
    static func unknownFolders(_ folders: [String]) -> [String] {
        folders.filter { own[$0] == nil }.map { "Sources/\($0) is no target of the architecture" }
    }
}
