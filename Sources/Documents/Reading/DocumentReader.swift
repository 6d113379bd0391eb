/// Collects the mistakes of one reading of a document; formats get at it through their cursor.
final class DocumentReader {
    let path: String
    private(set) var errors: [DocumentError] = []

    init(path: String) {
        self.path = path
    }

    func report(_ error: DocumentError) {
        errors.append(error)
    }

    /// Whether something is wrong at this key path or below it.
    func hasErrors(under keyPath: String) -> Bool {
        errors.contains { error in
            guard error.keyPath.hasPrefix(keyPath) else { return false }
            let rest = error.keyPath.dropFirst(keyPath.count)
            return rest.isEmpty || rest.hasPrefix(".") || rest.hasPrefix("[")
        }
    }
}
