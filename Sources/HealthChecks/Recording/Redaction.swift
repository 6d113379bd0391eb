internal import CurlTransport
internal import Documents
internal import Workflow

/// Takes out of what is recorded what nobody else may read.
struct Redaction: Sendable {
    /// The secrets of the check files, and what else is known to be secret.
    var secrets: Redactor

    /// The value of a header field without secrets and without the content of cookies.
    func header(_ header: HTTPHeader) -> String {
        let value = secrets.redact(header.value)
        guard header.name.lowercased() == "set-cookie" else { return value }
        let parts = value.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts[0].contains("=") ? parts[0].prefix { $0 != "=" } : ""
        return "\(name)=\(Redactor.placeholder)" + (parts.count > 1 ? ";\(parts[1])" : "")
    }

    /// A command's result without secrets.
    func command(_ result: CommandResult) -> CommandResult {
        var result = result
        result.output = secrets.redact(result.output)
        result.errorOutput = secrets.redact(result.errorOutput)
        return result
    }
}
