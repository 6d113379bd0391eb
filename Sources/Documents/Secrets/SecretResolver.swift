internal import class Foundation.FileManager
internal import class Foundation.ProcessInfo
internal import struct Foundation.URL

/// Turns references into secrets, as late as possible and on every use anew, so that rotated secrets take effect.
public struct SecretResolver: Sendable {
    /// The largest secret that is read from a file, in bytes.
    public static let maximumBytes = 64 * 1024

    private let environment: @Sendable (String) -> String?
    private let file: @Sendable (String) -> [UInt8]?

    /// Creates a resolver from a source of variables and a reader of files.
    public init(
        environment: @escaping @Sendable (String) -> String?, file: @escaping @Sendable (String) -> [UInt8]?
    ) {
        self.environment = environment
        self.file = file
    }

    /// The resolver that reads this process's environment and files.
    public static let process = SecretResolver(
        environment: { ProcessInfo.processInfo.environment[$0] },
        file: { FileManager.default.contents(atPath: $0).map { [UInt8]($0) } })

    /// Resolves one reference; relative files count from the folder of the document at `documentPath`.
    public func resolve(
        _ reference: SecretReference, documentPath: String
    ) throws(SecretError) -> String {
        switch reference {
        case .environment(let name):
            guard let value = environment(name), !value.isEmpty else {
                throw SecretError(.unset, reference: reference)
            }
            return value
        case .file(let path):
            let folder = URL(fileURLWithPath: documentPath).deletingLastPathComponent()
            let place = URL(fileURLWithPath: path, relativeTo: folder).path
            guard let data = file(place), data.count <= Self.maximumBytes,
                let text = String(validating: data, as: UTF8.self)
            else { throw SecretError(.unreadable, reference: reference) }
            let value = text.hasSuffix("\n") ? String(text.dropLast()) : text
            guard !value.isEmpty else { throw SecretError(.unset, reference: reference) }
            return value
        }
    }

    /// Resolves every reference of a text.
    public func resolve(_ text: SecretText, documentPath: String) throws(SecretError) -> String {
        var result = ""
        for segment in text.segments {
            switch segment {
            case .literal(let literal): result += literal
            case .reference(let reference): result += try resolve(reference, documentPath: documentPath)
            }
        }
        return result
    }
}
