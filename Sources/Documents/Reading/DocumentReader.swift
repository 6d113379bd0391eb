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
}
