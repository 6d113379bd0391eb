import ArgumentParser

/// How a command writes its results.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Text for people.
    case text
    /// One JSON document.
    case json
    /// A stream of events, one JSON document a line.
    case jsonl
}

/// The options that every verb takes.
struct GlobalOptions: ParsableArguments {
    @Option(help: "The configuration (default: ./changeover.yaml, else the one in the XDG configuration folder).")
    var config: String?

    @Option(help: "text for people, json for one document, jsonl for a stream of events.")
    var output: OutputFormat = .text
}
