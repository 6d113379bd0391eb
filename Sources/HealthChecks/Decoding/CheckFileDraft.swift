internal import Documents

/// A check file as it was read, before it is put together with the files that it extends.
struct CheckFileDraft: Sendable {
    /// A file that is extended.
    struct Base: Sendable {
        /// The path as it is written, relative to the file.
        var path: String
        var origin: CheckOrigin
    }

    var path: String
    var name: String
    var summary: String
    var bases: [Base]
    var defaults: TimingOverrides
    var checks: [CheckDraft]
}

/// Where something was written, for mistakes that show only after files have been put together.
struct CheckOrigin: Sendable {
    var path: String
    var mark: DocumentMark
    var keyPath: String

    init(_ cursor: DocumentCursor) {
        path = cursor.documentPath
        mark = cursor.node.mark
        keyPath = cursor.keyPath
    }

    func error(_ code: DocumentError.Code, _ message: String, suggestion: String? = nil) -> DocumentError {
        DocumentError(code, path: path, mark: mark, keyPath: keyPath, message: message, suggestion: suggestion)
    }
}
