import Crypto
import Foundation
public import Workflow

extension Plan {
    /// The plan's SHA-256 over its canonical JSON without `createdAt`, in lower-case hexadecimal.
    public var digest: String {
        var plan = self
        plan.createdAt = WallTime(milliseconds: 0)
        guard let text = try? CanonicalJSON.text(of: plan) else { return "" }
        return SHA256.hash(data: Data(text.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
