import Foundation
import Glibc
import Workflow

/// What went wrong inside the local provider, before the operation's name is added.
struct LocalProblem: Error {
    /// The kind of failure.
    var code: ProviderError.Code
    /// What went wrong and what to do about it.
    var detail: String
    /// Whether the identical request may succeed later; `nil` for what the code says.
    var isRetryable: Bool?

    /// Creates a problem.
    init(_ code: ProviderError.Code, _ detail: String, isRetryable: Bool? = nil) {
        self.code = code
        self.detail = detail
        self.isRetryable = isRetryable
    }

    /// A failed write or read of the provider's own files.
    init(_ failure: SystemFailure) {
        let isFull = failure.number == ENOSPC || failure.number == EDQUOT
        let remedy = isFull ? "free some disk space" : "check that the folder exists and may be written by this user"
        self.init(.storage, "\(failure); \(remedy)", isRetryable: isFull)
    }

    /// The same for callers, as part of `operation`.
    func error(during operation: String) -> ProviderError {
        ProviderError(code, operation: operation, detail: detail, isRetryable: isRetryable)
    }
}

/// Runs work on the provider's own files and reports its failure as a problem of storage.
func onStorage<Value>(_ work: () throws(SystemFailure) -> Value) throws(LocalProblem) -> Value {
    do {
        return try work()
    } catch {
        throw LocalProblem(error)
    }
}
