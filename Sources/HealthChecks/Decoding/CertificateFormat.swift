internal import Documents

/// The format of a `certificate` assertion.
enum CertificateFormat {
    private static let expiresIn = DocumentKey(
        "expiresIn", ThresholdFormat.thresholds("expiresIn", .span),
        summary: "How long the certificate is still valid, such as {warning: \"14d:\"}.")
    private static let subject = DocumentKey(
        "subject", TextExpectationFormat.rule("subject"), summary: "The subject, such as \"CN = www.example.org\".")
    private static let issuer = DocumentKey(
        "issuer", TextExpectationFormat.rule("issuer"), summary: "The issuer, such as \"C = US, O = Let's Encrypt\".")
    private static let name = DocumentKey(
        "name", HTTPFormat.host, summary: "A host name or an address that the certificate is for.")
    private static let keys = [expiresIn.shape, subject.shape, issuer.shape, name.shape]

    /// A `certificate` assertion.
    static let certificate = DocumentFormat<Assertion>.object(
        "certificate", keys: keys,
        rules: [
            .atLeastOne(
                of: keys.map(\.name),
                "a certificate assertion needs at least one of expiresIn, subject, issuer and name")
        ]
    ) { object in
        .certificate(
            CertificateExpectation(
                expiresIn: object[expiresIn], subject: object[subject], issuer: object[issuer], name: object[name]))
    }
}
