internal import Documents
internal import Workflow

/// The playbook keys that make up a swap's policy.
enum PolicyKeys {
    private static let spans: ClosedRange<Span> = .milliseconds(1)...(.hours(24 * 30))
    private static let spansWithZero: ClosedRange<Span> = .zero...(.hours(24 * 30))

    private static let onWarning = DocumentKey(
        "onWarning", DocumentFormat<SwapPolicy.OnWarning>.choice, defaultText: "hold",
        summary: "What happens when checks pass with warnings.")
    private static let onFailure = DocumentKey(
        "onFailure", DocumentFormat<SwapPolicy.OnFailure>.choice, defaultText: "rollback",
        summary: "What becomes of a replacement that failed.")
    private static let approval = DocumentKey(
        "approval", DocumentFormat<SwapPolicy.Approval>.choice, defaultText: "ask",
        summary: "Whether a person passes the checkpoint before promote.")
    private static let promote = DocumentKey(
        "promote",
        DocumentFormat<SwapPolicy.Approval>.object("promote", keys: [approval.shape]) { $0[approval] ?? .ask },
        summary: "How traffic is let over.")
    private static let drain = spanObject(
        "drain", key: "timeout", default: "60s", range: spansWithZero,
        summary: "How long the outgoing member may finish its work.")
    private static let bake = spanObject(
        "bake", key: "for", default: "10m", range: spansWithZero,
        summary: "How long the replacement is watched after promote.")
    private static let retire = spanObject(
        "retire", key: "hold", default: "24h", range: spansWithZero,
        summary: "How long the stopped original is kept.")

    private static func spanObject(
        _ name: String, key: String, default text: String, range: ClosedRange<Span>, summary: String
    ) -> DocumentKey<Span> {
        let inner = DocumentKey(key, .span(in: range), isRequired: true, summary: summary)
        return DocumentKey(
            name, DocumentFormat<Span>.object(name, keys: [inner.shape]) { $0[inner] }, defaultText: text,
            summary: summary)
    }

    private static func deadline(_ name: String, _ text: String, _ summary: String) -> DocumentKey<Span> {
        DocumentKey(name, .span(in: spans), defaultText: text, summary: summary)
    }
    private static let preflight = deadline("preflight", "10m", "For preflight, baseline checks included.")
    private static let boot = deadline("boot", "10m", "From the launch call to a running instance.")
    private static let patch = deadline("patch", "30m", "From running to fully patched.")
    private static let verify = deadline("verify", "15m", "For the health checks on the replacement.")
    private static let promotion = deadline("promote", "10m", "For moving traffic, beyond the drain time.")
    private static let retirement = deadline("retire", "10m", "For stopping or terminating an instance.")
    private static let rollback = deadline("rollback", "30m", "For a rollback.")
    private static let total = deadline("total", "2h", "From preflight to the held original.")
    private static let deadlines = DocumentKey(
        "deadlines",
        DocumentFormat<SwapPolicy.Deadlines>.object(
            "deadlines",
            keys: [
                preflight.shape, boot.shape, patch.shape, verify.shape, promotion.shape, retirement.shape,
                rollback.shape, total.shape,
            ]
        ) { object in
            var result = SwapPolicy.Deadlines()
            result.preflight = object[preflight] ?? result.preflight
            result.boot = object[boot] ?? result.boot
            result.patch = object[patch] ?? result.patch
            result.verify = object[verify] ?? result.verify
            result.promote = object[promotion] ?? result.promote
            result.retire = object[retirement] ?? result.retire
            result.rollback = object[rollback] ?? result.rollback
            result.total = object[total] ?? result.total
            return result
        }, summary: "The longest that each part may take.")

    static let rows: [DocumentObjectShape.Key] = [
        onWarning.shape, onFailure.shape, promote.shape, drain.shape, bake.shape, retire.shape, deadlines.shape,
    ]

    static func read(_ object: DocumentObject) -> SwapPolicy {
        var policy = SwapPolicy()
        policy.approval = object[promote] ?? policy.approval
        policy.onWarning = object[onWarning] ?? policy.onWarning
        policy.onFailure = object[onFailure] ?? policy.onFailure
        policy.drain = object[drain] ?? policy.drain
        policy.bake = object[bake] ?? policy.bake
        policy.hold = object[retire] ?? policy.hold
        policy.deadlines = object[deadlines] ?? policy.deadlines
        return policy
    }
}
