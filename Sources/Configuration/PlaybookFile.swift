public import Documents
public import Workflow

/// Reads playbook files.
public enum PlaybookFile {
    /// Decodes the file's bytes; throws every mistake that can be found in one pass.
    public static func decode(_ bytes: [UInt8], path: String) throws(DocumentErrors) -> Playbook {
        try PlaybookFormat.file.decode(DocumentParser.parse(bytes: bytes, path: path))
    }

    /// The language as JSON Schema 2020-12, but for rules that concern several keys at once.
    public static var schemaText: String {
        DocumentSchema.text(
            of: PlaybookFormat.file.shape, title: "Changeover playbooks", identifier: "urn:changeover:v1:playbook")
    }
}
