import ArgumentParser
import Documents
import Engine
import HealthChecks
import Workflow

/// How the results of checks are written.
enum CheckFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case human
    case json
    case junit
    case tap
    case nagios
    case prometheus
}

struct CheckRunVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs check files against an address or an instance.",
        discussion: """
            Exit codes as of a monitoring plugin: 0 ok, 1 warning, 2 critical, 3 unknown or inconclusive; \
            64 wrong usage or an invalid file.
            Example: changeover check run healthchecks/http.yaml --target 192.0.2.10 --once
            """)
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The check files.") var files: [String]
    @OptionGroup var target: CheckTargetOptions
    @Option(help: "human, json, junit, tap, nagios or prometheus (default: human, or json with --output json).")
    var format: CheckFormat?

    func perform(_ output: Output) async throws -> ExitStatus {
        let format = self.format ?? (output.format == .text ? .human : .json)
        let found = try await target.find(try CheckFiles.documentsOfOneRun(files), options)
        let clock = SystemClock()
        let (wall, start) = (clock.wallTime(), clock.monotonicMilliseconds())
        let progress = CheckProgressLines(output: output, isShown: format == .human)
        let assessment = try await found.runner.assess(found.request) { progress.show($0) }
        CheckResultText(output: output, format: format).write(
            CheckReport(
                target: found.name, assessment: assessment, startedAt: wall,
                duration: Span(milliseconds: clock.monotonicMilliseconds() - start)))
        return ExitStatus(plugin: assessment.verdict)
    }
}

struct CheckRecordVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Runs check files and records every answer, for replay.",
        discussion: """
            Secrets and the values of cookies are not recorded. Exit codes as of `check run`.
            Example: changeover check record healthchecks/http.yaml --target 192.0.2.10 --into http.cassette.json
            """)
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The check files.") var files: [String]
    @OptionGroup var target: CheckTargetOptions
    @Option(help: "The file to write; it must not exist yet.") var into: String
    @Flag(help: "Overwrites the file.") var force = false

    func perform(_ output: Output) async throws -> ExitStatus {
        try NewFile.require(into, force: force)
        let found = try await target.find(try CheckFiles.documentsOfOneRun(files), options)
        let progress = CheckProgressLines(output: output, isShown: output.format == .text)
        let cassette = try await found.runner.record(found.request) { progress.show($0) }
        CheckResultText(output: output, format: output.format == .text ? .human : .json).write(
            CheckReport(target: found.name, assessment: cassette.assessment))
        try NewFile.write(try CanonicalJSON.text(of: cassette) + "\n", to: into, force: force, isPrivate: true)
        output.message("recorded into \(into); replay it with: changeover check replay \(into)")
        return ExitStatus(plugin: cassette.assessment.verdict)
    }
}

struct CheckReplayVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Judges a recording again, with its own check files or changed ones.",
        discussion: """
            Asks nothing of the network and takes no time. Exit codes as of `check run`; 1 also where the recording's \
            own files no longer give the recorded results.
            Example: changeover check replay http.cassette.json healthchecks/http.yaml
            """)
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The recording.") var cassette: String
    @Argument(help: "Check files to judge by, in place of the recorded ones.") var files: [String] = []
    @Option(help: "human, json, junit, tap, nagios or prometheus (default: human, or json with --output json).")
    var format: CheckFormat?

    func perform(_ output: Output) async throws -> ExitStatus {
        let recording = try recording()
        let documents = files.isEmpty ? nil : try CheckFiles.documentsOfOneRun(files)
        let assessment = try await CheckRunner.replay(recording, documents: documents)
        let format = self.format ?? (output.format == .text ? .human : .json)
        CheckResultText(output: output, format: format).write(
            CheckReport(target: recording.instance.name, assessment: assessment))
        if files.isEmpty, assessment != recording.assessment {
            throw CommandFailure(
                .unexpected, code: "replay-differs",
                "\(cassette): judged by its own check files, the recording gives other results than it holds; "
                    + "it was changed, or made by another version")
        }
        return ExitStatus(plugin: assessment.verdict)
    }

    @inline(never)
    private func recording() throws -> Cassette {
        try Cassette(bytes: try FileReader.recording(cassette), path: cassette)
    }
}

extension ExitStatus {
    /// The exit code of checks, which alone follow the convention of monitoring plugins: 0, 1, 2 and 3.
    init(plugin verdict: CheckResult.Verdict) {
        switch verdict {
        case .pass: self = .done
        case .warning: self = .unexpected
        case .fail: self = .rolledBack
        case .inconclusive: self = .needsOperator
        }
    }
}
