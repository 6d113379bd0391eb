import Documents
import Foundation
import Workflow

/// Finds the secrets that check files refer to, so that their values are removed from everything that is stored.
enum SecretScan {
    static func redactor(for documents: [CheckDocument]) -> Redactor {
        var secrets: [String] = []
        for document in documents.flatMap({ [$0] + ($0.extended ?? []) }) {
            for match in document.text.matches(of: /\$\{(?:env|file):[^}\n]{1,200}\}/) {
                guard let reference = SecretReference(text: String(match.output)),
                    let value = try? SecretResolver.process.resolve(reference, documentPath: document.path)
                else { continue }
                secrets.append(value)
            }
        }
        // The AWS client removes them from its own messages; this is for whatever else may come by.
        for name in ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
            if let value = ProcessInfo.processInfo.environment[name], value.count >= 8 { secrets.append(value) }
        }
        return Redactor(secrets)
    }
}
