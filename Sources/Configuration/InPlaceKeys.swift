internal import Documents
internal import Workflow

/// The playbook keys about updates in place: as the strategy, and as the fallback.
enum InPlaceKeys {
    private enum FallbackStrategy: String, CaseIterable {
        case inPlace = "in-place"
        case nothing = "none"
    }

    private static let fallbackStrategy = DocumentKey(
        "strategy", DocumentFormat<FallbackStrategy>.choice, isRequired: true,
        summary: "in-place updates the original itself; none refuses the swap.")
    private static let when = DocumentKey(
        "when", .list(of: DocumentFormat<FallbackPolicy.Trigger>.choice),
        summary: "What may lead to the fallback; capacity, quota and irreplaceable where it is left out.")
    private static let approval = DocumentKey(
        "approval", DocumentFormat<SwapPolicy.Approval>.choice, defaultText: "ask",
        summary: "Whether a person decides before the original is updated.")
    private static let fallbackFormat = DocumentFormat<FallbackPolicy?>.object(
        "fallback", keys: [fallbackStrategy.shape, when.shape, approval.shape]
    ) { object in
        let (strategy, triggers, asked) = (object[fallbackStrategy], object[when], object[approval] ?? .ask)
        switch strategy {
        case .inPlace?:
            return FallbackPolicy(triggers: triggers ?? FallbackPolicy.Trigger.allCases, approval: asked)
        case .nothing?:
            for name in ["when", "approval"] where object.contains(name) {
                object.place(of: name)?.report(
                    .conflictingKeys, "\(name) has no meaning with the fallback none",
                    suggestion: "leave it out, or write strategy: in-place")
            }
            return .some(nil)
        case nil: return nil
        }
    }
    private static let fallback = DocumentKey(
        "fallback", fallbackFormat,
        summary: "What happens when blue-green cannot be attempted; never after a failed check.")

    private enum Interruption: String, CaseIterable {
        case refuse
        case allow
    }
    private static let interruption = DocumentKey(
        "interruption", DocumentFormat<Interruption>.choice, defaultText: "refuse",
        summary: "Whether an update may take the last healthy member out of a router.")
    private static let inPlace = DocumentKey(
        "inPlace",
        DocumentFormat<Interruption>.object("inPlace", keys: [interruption.shape]) { object in
            object[interruption] ?? .refuse
        }, summary: "How instances are updated in place.")

    static let rows: [DocumentObjectShape.Key] = [fallback.shape, inPlace.shape]

    static func fallback(of object: DocumentObject) -> FallbackPolicy? { object[fallback] ?? nil }

    static func mayInterrupt(_ object: DocumentObject) -> Bool { object[inPlace] == .allow }

    /// Reports keys that contradict the strategy.
    static func check(_ object: DocumentObject, strategy: Strategy, patch: PatchPolicy) {
        guard strategy == .inPlace else { return }
        object.place(of: "fallback")?.report(
            .conflictingKeys, "fallback has no meaning with strategy: in-place, which is what it would fall back to",
            suggestion: "leave it out, or write strategy: blue-green")
        if patch.scope == .none {
            object.place(of: "patch")?.report(
                .conflictingKeys, "with strategy: in-place and the scope none nothing would be updated",
                suggestion: "write scope: all or scope: security")
        }
    }
}
