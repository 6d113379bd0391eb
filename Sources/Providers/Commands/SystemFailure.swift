import Foundation
import Glibc

/// A failed call of the operating system.
struct SystemFailure: Error, Sendable, CustomStringConvertible {
    /// What was being done, such as `open /etc/passwd`.
    var action: String
    /// The error number, such as `ENOENT`.
    var number: Int32

    /// Creates a failure from an error number, by default that of the call just made.
    init(doing action: String, number: Int32 = errno) {
        self.action = action
        self.number = number
    }

    /// What was being done and the system's own words for the failure.
    var description: String { "cannot \(action): \(String(cString: strerror(number)))" }
}
