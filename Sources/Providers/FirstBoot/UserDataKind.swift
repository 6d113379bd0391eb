/// What a piece of user data is to cloud-init, which goes by how it begins (cloud-init, User-data formats).
enum UserDataKind: Sendable, Hashable {
    /// Nothing at all.
    case empty
    /// A MIME message, with its own headers.
    case message
    /// One part of this content type.
    case part(contentType: String)
    /// Compressed by gzip; what is inside counts.
    case compressed
    /// For Windows.
    case windows
    /// Nothing that cloud-init knows.
    case unknown

    /// The beginnings and their content types; the longer of two comes first.
    private static let beginnings: [(text: String, contentType: String)] = [
        ("#!", "text/x-shellscript"), ("#cloud-config-archive", "text/cloud-config-archive"),
        ("#cloud-config-jsonp", "text/cloud-config-jsonp"), ("#cloud-config", "text/cloud-config"),
        ("#include-once", "text/x-include-once-url"), ("#include", "text/x-include-url"),
        ("#cloud-boothook", "text/cloud-boothook"), ("#part-handler", "text/part-handler"),
        ("#upstart-job", "text/upstart-job"), ("## template: jinja", "text/jinja2"),
    ]

    /// Tells the kind of some user data.
    init(_ bytes: [UInt8]) {
        if bytes.isEmpty {
            self = .empty
        } else if bytes.starts(with: [0x1F, 0x8B]) {
            self = .compressed
        } else {
            // cloud-init looks for the header within the first 4,096 bytes, in any case.
            let head = String(decoding: bytes.prefix(4096), as: UTF8.self).lowercased()
            let start = head.drop(while: \.isWhitespace)
            if start.isEmpty && bytes.count <= 4096 {
                self = .empty
            } else if head.contains("mime-version:") {
                self = .message
            } else if let known = Self.beginnings.first(where: { start.hasPrefix($0.text) }) {
                self = .part(contentType: known.contentType)
            } else if start.hasPrefix("<powershell>") || start.hasPrefix("<script>") || start.hasPrefix("version: 1.") {
                self = .windows
            } else {
                self = .unknown
            }
        }
    }
}
