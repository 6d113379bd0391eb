internal import CurlTransport
internal import Documents
internal import Workflow

/// The format of the answers in a test of a check file.
enum CannedAnswerFormat {
    private typealias Text = DocumentFormat<String>
    /// A text that may be empty.
    private static let anyText = DocumentFormat<String>(.text(form: "a text")) { cursor in
        cursor.scalar(expecting: .text(form: "a text"))?.text
    }

    private static let status = DocumentKey(
        "status", .integer(in: 100...999), summary: "An HTTP answer with this status.")
    private static let headers = DocumentKey(
        "headers",
        DocumentFormat<[String: [String]]>.dictionary(
            of: .either(text: anyText.map { [$0] }, list: .list(of: anyText))),
        summary: "The HTTP answer's header fields; a list for a field that occurs several times.")
    private static let body = DocumentKey("body", anyText, summary: "The HTTP answer's body.")
    private static let certificate = DocumentKey(
        "certificate", certificateFormat, summary: "The server's certificate; alone a TLS handshake that succeeds.")
    private static let receives = DocumentKey(
        "receives", anyText, summary: "A TCP connection on which the server sends this; empty: nothing.")
    private static let rcode = DocumentKey(
        "rcode", DocumentFormat<DNSResponseCode>.choice(DNSResponseCode.named), summary: "A DNS answer with this code.")
    private static let values = DocumentKey(
        "answers", .list(of: Text.text, allowsEmpty: true), summary: "The values of the DNS answer's records.")
    private static let exitCode = DocumentKey(
        "exitCode", .integer(in: 0...255), summary: "A command that ends with this code.")
    private static let output = DocumentKey("output", anyText, summary: "What the command prints.")
    private static let errorOutput = DocumentKey(
        "errorOutput", anyText, summary: "What the command prints on standard error.")
    private static let systemd = DocumentKey(
        "systemd", systemdFormat, summary: "The states of units; every unit that is not named is active.")
    private static let patched = DocumentKey(
        "patched", patchedFormat, summary: "What the instance's package manager says.")
    private static let failure = DocumentKey(
        "error", DocumentFormat<String>.choice(CannedAnswer.failures.map { ($0, $0) }), summary: "What fails.")
    private static let after = DocumentKey(
        "after", .span(in: .zero...(.hours(24))), defaultText: "1ms",
        summary: "How long the answer takes, in virtual time.")
    private static let times = DocumentKey(
        "times", .integer(in: 1...100_000), defaultText: "1", summary: "How often the answer is given.")

    private static let kinds = ["status", "receives", "rcode", "exitCode", "systemd", "patched", "error"]
    /// Which of the others may stand beside a kind.
    private static let companions = [
        "status": ["headers", "body", "certificate"], "rcode": ["answers"], "exitCode": ["output", "errorOutput"],
    ]

    /// One answer.
    static let answer = DocumentFormat<CannedAnswer>.object(
        "answer",
        keys: [
            status.shape, headers.shape, body.shape, certificate.shape, receives.shape, rcode.shape, values.shape,
            exitCode.shape, output.shape, errorOutput.shape, systemd.shape, patched.shape, failure.shape, after.shape,
            times.shape,
        ]
    ) { object in
        let (after, times) = (object[after] ?? .milliseconds(1), object[times] ?? 1)
        let certificate = object[certificate]
        guard isOneKind(object), let content = content(of: object) else { return nil }
        return CannedAnswer(content: content, certificate: certificate, after: after, times: times)
    }

    private static func isOneKind(_ object: DocumentObject) -> Bool {
        let present = kinds.filter(object.contains)
        guard let kind = present.first else {
            if object.contains("certificate") { return true }
            object.cursor.report(
                .missingKey, "an answer needs one of \(kinds.joined(separator: ", ")), or certificate alone")
            return false
        }
        let others = present.dropFirst() + companions.filter { $0.key != kind }.flatMap(\.value).filter(object.contains)
        let allowed = companions[kind] ?? []
        let wrong = others.filter { !allowed.contains($0) }
        for other in wrong {
            object.place(of: other)?.report(.conflictingKeys, "\"\(other)\" does not belong beside \"\(kind)\"")
        }
        return wrong.isEmpty
    }

    private static func content(of object: DocumentObject) -> CannedAnswer.Content? {
        let fields = object[headers] ?? [:]
        let texts = (object[body] ?? "", object[output] ?? "", object[errorOutput] ?? "", object[values] ?? [])
        if object.contains("status") {
            return object[status].map {
                .response(status: $0, headers: headers(fields), body: texts.0)
            }
        }
        if object.contains("receives") { return object[receives].map { .bytes($0) } }
        if object.contains("rcode") { return object[rcode].map { .dns(rcode: $0, values: texts.3) } }
        if object.contains("exitCode") {
            return object[exitCode].map {
                .command(
                    CommandResult(termination: .exited(Int32($0)), output: texts.1, errorOutput: texts.2))
            }
        }
        if object.contains("systemd") { return object[systemd] }
        if object.contains("patched") { return object[patched].map { .patched($0) } }
        if object.contains("error") { return object[failure].map { .failure($0) } }
        return .handshake
    }

    private static func headers(_ fields: [String: [String]]) -> [HTTPHeader] {
        fields.sorted { $0.key < $1.key }.flatMap { name, values in
            values.map { HTTPHeader(name: name, value: $0) }
        }
    }
}

extension CannedAnswerFormat {
    private static let expiresIn = DocumentKey(
        "expiresIn", .span(in: .zero...(.hours(24 * 36_500))), isRequired: true, summary: "When it expires, from now.")
    private static let subject = DocumentKey(
        "subject", Text.text, defaultText: "CN=test", summary: "The distinguished name.")
    private static let issuer = DocumentKey(
        "issuer", Text.text, defaultText: "CN=issuer", summary: "The issuer's distinguished name.")
    private static let names = DocumentKey(
        "names", .list(of: Text.text), summary: "The host names that it is for.")

    private static let certificateFormat = DocumentFormat<CannedCertificate>.object(
        "certificate", keys: [expiresIn.shape, subject.shape, issuer.shape, names.shape]
    ) { object in
        let (subject, issuer, names) = (object[subject], object[issuer], object[names])
        guard let expiresIn = object[expiresIn] else { return nil }
        return CannedCertificate(
            subject: subject ?? "CN=test", issuer: issuer ?? "CN=issuer", names: names ?? [], expiresIn: expiresIn)
    }

    private static let units = DocumentKey(
        "units", DocumentFormat<[String: String]>.dictionary(of: .text("a state such as inactive, failed or masked")),
        summary: "Units that are not active, with their states.")
    private static let failed = DocumentKey(
        "failed", .list(of: Text.text, allowsEmpty: true), summary: "The failed units.")

    private static let systemdFormat = DocumentFormat<CannedAnswer.Content>.object(
        "systemd", keys: [units.shape, failed.shape]
    ) { object in
        .systemd(units: object[units] ?? [:], failed: object[failed] ?? [])
    }
}

extension CannedAnswerFormat {
    private static let package = DocumentKey("package", Text.text, isRequired: true, summary: "The package.")
    private static let installed = DocumentKey("installed", Text.text, summary: "The installed version.")
    private static let candidate = DocumentKey(
        "candidate", Text.text, isRequired: true, summary: "The version that would be installed.")
    private static let security = DocumentKey(
        "security", DocumentFormat<Bool>.boolean, defaultText: "false", summary: "Whether it is a security update.")

    private static let update = DocumentFormat<PendingUpdate>.object(
        "update", keys: [package.shape, installed.shape, candidate.shape, security.shape]
    ) { object in
        let (installed, security) = (object[installed], object[security] ?? false)
        guard let package = object[package], let candidate = object[candidate] else { return nil }
        return PendingUpdate(package: package, installed: installed, candidate: candidate, isSecurity: security)
    }

    private static let pending = DocumentKey(
        "pending", .list(of: update, allowsEmpty: true), summary: "The updates that are not installed.")
    private static let held = DocumentKey(
        "held", .list(of: Text.text, allowsEmpty: true), summary: "The packages that are held back.")
    private static let audit = DocumentKey(
        "audit", .list(of: Text.text, allowsEmpty: true), summary: "The package manager's complaints.")
    private static let reboot = DocumentKey(
        "rebootRequired", DocumentFormat<Bool>.boolean,
        summary: "Whether a reboot is pending; left out, the machine cannot tell.")

    private static let patchedFormat = DocumentFormat<PatchStatus>.object(
        "patched", keys: [pending.shape, held.shape, audit.shape, reboot.shape]
    ) { object in
        var status = PatchStatus(
            pending: object[pending] ?? [], held: object[held] ?? [], auditFindings: object[audit] ?? [],
            rebootRequired: object[reboot])
        // What a test of packages does not speak of is in order.
        status.failedUnits = .read(value: [])
        status.staleServices = .read(value: [])
        status.gems = .read(value: [])
        status.cloudInit = .notApplicable(reason: "the test has none")
        return status
    }
}
