public import Workflow

/// Writes the evidence of one swap from the journal and the provider; reads only.
public struct EvidenceCollector: Sendable {
    private let journal: any JournalReader
    private let provider: (any InstanceObserver)?
    private let store: EvidenceStore
    private let redact: @Sendable (String) -> String

    /// Creates a collector; without a provider the console output is left as it was last written.
    public init(
        journal: any JournalReader, provider: (any InstanceObserver)?, store: EvidenceStore,
        redact: @escaping @Sendable (String) -> String
    ) {
        self.journal = journal
        self.provider = provider
        self.store = store
        self.redact = redact
    }

    /// Writes every file that can be written and returns what could not be had, one sentence each.
    public func collect(_ swap: Swap) async -> [String] {
        var problems: [String] = []
        func attempt(_ what: String, _ body: () async throws -> Void) async {
            do { try await body() } catch { problems.append("\(what): \(error)") }
        }
        await attempt("plan") { try write(swap.plan, as: EvidenceFile.plan, of: swap.id) }
        await attempt("events") { try await writeEvents(of: swap) }
        await attempt("transcript") { try await writeTranscript(of: swap.id) }
        await attempt("console") { try await writeConsole(of: swap) }
        return problems
    }

    private func write(_ value: some Encodable, as name: String, of id: SwapID) throws {
        try store.write(redact(try CanonicalJSON.text(of: value, pretty: true)) + "\n", as: name, of: id)
    }

    private func writeEvents(of swap: Swap) async throws {
        let records = try await journal.records(of: swap.id, after: 0)
        let lines = try records.map { redact(try CanonicalJSON.text(of: $0)) }
        try store.write(lines.joined(separator: "\n") + "\n", as: EvidenceFile.events, of: swap.id)
        let assessments = records.compactMap { record -> AssessmentEvidence? in
            switch record.entry.event {
            case .assessed(let assessment, let result): AssessmentEvidence(assessment: assessment, result: result)
            case .preflightCompleted(let report):
                report.baseline.map {
                    AssessmentEvidence(
                        assessment: Assessment(subject: .original, phase: .baseline, length: .once), result: $0)
                }
            default: nil
            }
        }
        try write(assessments, as: EvidenceFile.assessments, of: swap.id)
        try store.write(redact(summary(of: swap, records, assessments)), as: EvidenceFile.summary, of: swap.id)
    }

    private func summary(
        of swap: Swap, _ records: [JournalRecord], _ assessments: [AssessmentEvidence]
    ) -> String {
        var text = "Swap \(swap.id) of \(swap.plan.original.name) (\(swap.plan.original.id))\n"
        text += "State: \(swap.state.name). \(swap.explanation)\n\nChecks:\n"
        for evidence in assessments {
            text += "  \(evidence.assessment.phase.rawValue) on the \(evidence.assessment.subject.rawValue): "
            text += "\(evidence.result.verdict.rawValue)\n"
            for result in evidence.result.results {
                let note = result.isEnforced ? "" : " (shown, not counted)"
                text += "    \(result.verdict.rawValue.uppercased())  \(result.check)\(note): \(result.reason)\n"
                guard result.verdict != .pass, let last = result.last else { continue }
                text += "      reason \(last.reason); actual \(last.actual); expected \(last.expected)\n"
            }
        }
        text += "\nDecisions:\n"
        for record in records {
            for reason in record.entry.reasons { text += "  \(record.sequence). \(reason)\n" }
        }
        return text
    }

    private func writeTranscript(of id: SwapID) async throws {
        var text = ""
        var last: Int64 = 0
        while true {
            let lines = try await journal.logLines(of: id, after: last, limit: 1000)
            guard let end = lines.last else { break }
            for line in lines { text += "\(line.at.milliseconds) [\(line.source)] \(line.text)\n" }
            last = end.number
        }
        try store.write(text, as: EvidenceFile.transcript, of: id)
    }

    private func writeConsole(of swap: Swap) async throws {
        guard let provider, let replacement = swap.launched else { return }
        let console = try await provider.consoleOutput(of: replacement)
        try store.write(redact(console), as: EvidenceFile.console, of: swap.id)
    }
}

/// One verdict with what was assessed.
struct AssessmentEvidence: Codable {
    var assessment: Assessment
    var result: HealthAssessment
}
