public import Workflow

/// Writes the evidence of one swap from the journal and the provider; reads only.
public struct EvidenceCollector: Sendable {
    private let journal: any JournalReader
    private let provider: (any InstanceObserver)?
    private let store: any EvidenceWriter
    private let redact: @Sendable (String) -> String

    /// Creates a collector; without a provider the console output is left as it was last written.
    public init(
        journal: any JournalReader, provider: (any InstanceObserver)?, store: any EvidenceWriter,
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
        func attempt(_ what: String, _ name: String, _ text: () async throws -> String) async {
            do throws(EngineError) { try await store.write(name, of: swap.id, text) } catch {
                problems.append("\(what): \(redact(error.description))")
            }
        }
        let records = (try? await journal.records(of: swap.id, after: 0)) ?? []
        if records.isEmpty { problems.append("events: the journal cannot be read") }
        let assessments = Self.assessments(in: records)
        await attempt("plan", EvidenceFile.plan) { try json(swap.plan) }
        await attempt("events", EvidenceFile.events) {
            try records.map { redact(try CanonicalJSON.text(of: $0)) + "\n" }.joined()
        }
        await attempt("assessments", EvidenceFile.assessments) { try json(assessments) }
        if let update = swap.updateResult {
            await attempt("update", EvidenceFile.update) { try json(update) }
        }
        await attempt("summary", EvidenceFile.summary) { redact(summary(of: swap, records, assessments)) }
        await attempt("transcript", EvidenceFile.transcript) { try await transcript(of: swap.id) }
        if let provider, let replacement = swap.launched {
            await attempt("console", EvidenceFile.console) { redact(try await provider.consoleOutput(of: replacement)) }
        }
        return problems
    }

    private func json(_ value: some Encodable) throws -> String {
        redact(try CanonicalJSON.text(of: value, pretty: true)) + "\n"
    }

    private static func assessments(in records: [JournalRecord]) -> [AssessmentEvidence] {
        records.compactMap { record -> AssessmentEvidence? in
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

    private func transcript(of id: SwapID) async throws -> String {
        var text = ""
        var last: Int64 = 0
        while true {
            let lines = try await journal.logLines(of: id, after: last, limit: 1000)
            guard let end = lines.last else { return text }
            for line in lines { text += "\(line.at.milliseconds) [\(line.source)] \(line.text)\n" }
            last = end.number
        }
    }
}

/// One verdict with what was assessed.
struct AssessmentEvidence: Codable {
    var assessment: Assessment
    var result: HealthAssessment
}
