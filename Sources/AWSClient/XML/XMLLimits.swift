/// Bounds what a document may make the parser hold.
package struct XMLLimits: Sendable, Hashable {
    /// Bounds how deep elements are nested; no answer of EC2 comes near.
    package var depth = 64
    /// Bounds a name's bytes.
    package var nameBytes = 256
    /// Bounds one element's text, in bytes; the longest known, a console's output, has 87 KiB in base 64.
    package var textBytes = 1024 * 1024
    /// Bounds the whole document's bytes.
    package var totalBytes = 64 * 1024 * 1024

    /// Creates the limits that every answer is held to.
    package init() {}
}
