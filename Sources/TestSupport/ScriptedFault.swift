public import Workflow

/// What a scripted part does with one mutating call instead of simply obeying.
public enum ScriptedFault: Sendable {
    /// The call takes effect, but the answer is lost: the caller gets a retryable error.
    case lostAnswer
    /// The call takes effect, but its answer cannot be understood.
    case garbledAnswer
    /// The call has no effect and fails with this code.
    case refused(ProviderError.Code)
    /// The call waits at the gate and then obeys.
    case waits(Gate)
}

/// Hears of each mutating call just before it takes effect, and returns what is wrong with it or `nil`.
public typealias CallWitness = @Sendable (CallRequest) async -> String?
