/// Why a document was not read to its end.
package enum XMLFailure: Error, Sendable, Hashable {
    /// The document is not well-formed or ends too early.
    case malformed(String)
    /// The document is larger or deeper than allowed, or declares a document type.
    case refused(String)
    /// The code that takes the items threw.
    case taker(AWSError)
}
