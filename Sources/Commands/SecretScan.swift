import Documents
import Workflow

/// Finds the secrets that check files refer to, so that their values are removed from everything that is stored.
enum SecretScan {
    static func redactor(for documents: [CheckDocument]) -> Redactor {
        var secrets: [String] = []
        for document in documents {
            for match in document.text.matches(of: /\$\{(?:env|file):[^}\n]{1,200}\}/) {
                guard let reference = SecretReference(text: String(match.output)),
                    let value = try? SecretResolver.process.resolve(reference, documentPath: document.path)
                else { continue }
                secrets.append(value)
            }
        }
        return Redactor(secrets)
    }
}
