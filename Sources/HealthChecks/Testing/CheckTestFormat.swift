internal import Documents
internal import Workflow

/// The format of a test file.
enum CheckTestFormat {
    private static let apiVersion = DocumentKey(
        "apiVersion", .constant("changeover/v1"), isRequired: true, summary: "The version of the language.")
    private static let kind = DocumentKey(
        "kind", .constant("HealthCheckTest"), isRequired: true, summary: "What the file is.")
    private static let metadata = DocumentKey("metadata", metadataFormat, summary: "The file's name and purpose.")
    private static let check = DocumentKey(
        "check", DocumentFormat<String>.text("a path"),
        summary: "The check file under test, from this file's folder; left out, this file's name without \".test\".")
    private static let cases = DocumentKey(
        "cases", .list(of: testCase), isRequired: true, summary: "The cases; at least one.")

    private static let metadataFormat = DocumentFormat<Bool>.object(
        "metadata",
        keys: [
            DocumentKey("name", CheckFileFormat.identifier, summary: "The file's name.").shape,
            DocumentKey("description", DocumentFormat<String>.text, summary: "What the tests are for.").shape,
        ]
    ) { _ in true }

    private static let name = DocumentKey(
        "name", DocumentFormat<String>.text, isRequired: true, summary: "What the case shows.")
    private static let phase = DocumentKey(
        "phase", DocumentFormat<CheckPhase>.choice, defaultText: "verify", summary: "The phase that is tested.")
    private static let day = DocumentKey(
        "at", dayFormat, defaultText: "2026-01-01", summary: "The day on which virtual time starts, in UTC.")
    private static let once = DocumentKey(
        "once", DocumentFormat<Bool>.boolean, defaultText: "false",
        summary: "Whether each check is measured just once, as for the baseline.")
    private static let answers = DocumentKey(
        "answers", .dictionary(of: .list(of: CannedAnswerFormat.answer)), isRequired: true,
        summary: "By check, group/member or comparison/side: what is answered, one after the other.")
    private static let expect = DocumentKey(
        "expect", expectFormat, isRequired: true, summary: "What must come of it.")

    private static let dayFormat = DocumentFormat<String>.text("a date such as 2026-12-31").refine { text, cursor in
        guard let day = CalendarDay(text: text) else {
            cursor.report(.invalid, "\"\(text.prefix(60))\" is no date", suggestion: "write it as 2026-12-31")
            return CalendarDay?.none
        }
        return day
    }

    private struct Expected: Sendable {
        var verdict: CheckResult.Verdict
        var checks: [String: CheckTestCase.Expectation]
    }

    private static let overall = DocumentKey(
        "verdict", DocumentFormat<CheckResult.Verdict>.choice, isRequired: true, summary: "The verdict over all checks."
    )
    private static let perCheck = DocumentKey(
        "checks", .dictionary(of: expectation), summary: "What single checks must end as, by their ids.")
    private static let expectFormat = DocumentFormat<Expected>.object(
        "expectation", keys: [overall.shape, perCheck.shape]
    ) { object in
        let checks = object[perCheck] ?? [:]
        return object[overall].map { Expected(verdict: $0, checks: checks) }
    }

    private static let verdict = DocumentKey(
        "verdict", DocumentFormat<CheckResult.Verdict>.choice, summary: "The check's verdict.")
    private static let reason = DocumentKey(
        "reason", DocumentFormat<String>.text, summary: "The stable reason of its last measurement.")
    private static let contains = DocumentKey(
        "contains", DocumentFormat<String>.text, summary: "A part of the sentence that explains the verdict.")
    private static let within = DocumentKey(
        "within", .span(), summary: "The latest virtual time, from the start, at which there is a verdict.")
    private static let expectation = DocumentFormat<CheckTestCase.Expectation>.object(
        "expectation of a check", keys: [verdict.shape, reason.shape, contains.shape, within.shape],
        rules: [
            .atLeastOne(
                of: ["verdict", "reason", "contains", "within"],
                "an expectation needs at least one of verdict, reason, contains and within")
        ]
    ) { object in
        CheckTestCase.Expectation(
            verdict: object[verdict], reason: object[reason], contains: object[contains], within: object[within])
    }

    private static let testCase = DocumentFormat<CheckTestCase>.object(
        "case", keys: [name.shape, phase.shape, day.shape, once.shape, answers.shape, expect.shape]
    ) { object in
        let (phase, day, once) = (object[phase], object[day], object[once])
        let parts = (object[name], object[answers], object[expect])
        guard let name = parts.0, let answers = parts.1, let expect = parts.2,
            let start = day ?? CalendarDay(text: "2026-01-01")
        else { return nil }
        return CheckTestCase(
            name: name, phase: phase ?? .verify, day: start, isOnce: once ?? false, answers: answers,
            verdict: expect.verdict, checks: expect.checks)
    }

    /// A test file for a check file.
    static func file(for checkFile: CheckFile) -> DocumentFormat<[CheckTestCase]> {
        DocumentFormat<[CheckTestCase]>.object(
            "test file", keys: [apiVersion.shape, kind.shape, metadata.shape, check.shape, cases.shape]
        ) { object in
            _ = (object[apiVersion], object[kind], object[metadata], object[check])
            guard let found = object[cases] else { return nil }
            if let places = object.place(of: "cases")?.elements {
                for (testCase, place) in zip(found, places) {
                    CheckTestNames(file: checkFile, testCase: testCase).check(at: place)
                }
            }
            return found
        }
    }
}
