/// One step of a part of a swap that is a plain sequence.
public enum SwapStep: Sendable, Hashable, Codable {
    /// Make a call.
    case call(CallRequest)
    /// Wait until something is observed.
    case observe(Observation)
    /// Run health checks; a fail or an inconclusive verdict is a failure, except where no check counts in the phase.
    case assess(Assessment)
    /// Save evidence; its problems never stop a swap.
    case saveEvidence

    /// The step in words.
    public var summary: String {
        switch self {
        case .call(let request): request.summary
        case .observe(let observation): "wait for \(observation.summary)"
        case .assess(let assessment): "check the \(assessment.subject.rawValue)"
        case .saveEvidence: "save evidence"
        }
    }
}

/// A sequence of steps and how far it has come.
///
/// The present step, when it is a call, carries the number under which its intent is journalled.
public struct StepSequence: Sendable, Hashable, Codable {
    /// All steps, done ones included.
    public private(set) var steps: [SwapStep]
    /// How many steps are done.
    public private(set) var done: Int
    /// The number of the present step's call; `nil` when the present step is none.
    public private(set) var callNumber: Int?

    init(_ steps: [SwapStep], lastCallNumber: inout Int) {
        self.steps = steps
        self.done = 0
        self.callNumber = nil
        number(from: &lastCallNumber)
    }

    /// The present step; `nil` when all are done.
    public var present: SwapStep? { done < steps.count ? steps[done] : nil }

    /// What is waited for at present, where the present step is that.
    var observation: Observation? {
        if case .observe(let observation) = present { return observation }
        return nil
    }

    /// The steps that have begun: done ones and the present one.
    public var begun: ArraySlice<SwapStep> { steps.prefix(done + 1) }

    mutating func advance(lastCallNumber: inout Int) {
        done += 1
        number(from: &lastCallNumber)
    }

    /// Begins again with the first step: every step may be repeated, and what was done may have been undone since.
    mutating func restart(lastCallNumber: inout Int) {
        done = 0
        number(from: &lastCallNumber)
    }

    /// Goes back to the last call before the present step, which gets a number of its own; `false` where there is none.
    mutating func stepBackToCall(lastCallNumber: inout Int) -> Bool {
        let call = steps[..<done].lastIndex { step in
            if case .call = step { return true }
            return false
        }
        guard let call else { return false }
        done = call
        number(from: &lastCallNumber)
        return true
    }

    private mutating func number(from lastCallNumber: inout Int) {
        guard case .call = present else {
            callNumber = nil
            return
        }
        lastCallNumber += 1
        callNumber = lastCallNumber
    }

    /// What the driver shall do for the present step.
    var effects: [SwapEffect] {
        switch present {
        case .call(let request): callNumber.map { [.perform(Call(number: $0, request: request))] } ?? []
        case .observe(let observation): [.observe(observation)]
        case .assess(let assessment): [.assess(assessment)]
        case .saveEvidence: [.saveEvidence]
        case nil: []
        }
    }

    /// How an event bears on the present step.
    enum Bearing {
        /// The event is not about the present step.
        case none
        /// The present step is done.
        case done(Instance?)
        /// The present step has failed, with the reason.
        case failed(String)
    }

    /// Says how an event bears on the present step; failures of `excused` checks are no evidence.
    func bearing(of event: SwapEvent, excusing excused: [CheckID]) -> Bearing {
        switch (present, event) {
        case (.call, .callSucceeded(let number, let outcome)) where number == callNumber:
            if case .launched(let instance) = outcome { return .done(instance) }
            return .done(nil)
        case (.call(let request), .callFailed(let number, let failure)) where number == callNumber:
            return .failed("could not \(request.summary): \(failure.detail) [\(failure.code)]")
        case (.observe(let wanted), .observed(let seen, let instance)) where wanted == seen:
            return .done(instance)
        case (.observe(let wanted), .observationFailed(let seen, let reason)) where wanted == seen:
            return .failed("waiting for \(wanted.summary): \(reason)")
        case (.assess(let wanted), .assessed(let assessed, let result)) where wanted == assessed:
            return Self.bearing(of: result.ignoring(excused), on: wanted)
        case (.saveEvidence, .evidenceSaved):
            return .done(nil)
        default:
            return .none
        }
    }

    private static func bearing(of result: HealthAssessment, on assessment: Assessment) -> Bearing {
        // Without any check that counts the router's own view, observed in an earlier step, has to do.
        if !result.results.contains(where: \.isEnforced) { return .done(nil) }
        switch result.verdict {
        case .pass, .warning: return .done(nil)
        case .fail, .inconclusive:
            return .failed("checks on the \(assessment.subject.rawValue): \(result.summary)")
        }
    }
}
