import CCurl

/// Holds the parts of an absolute `http` or `https` URL that decide where to connect.
struct ParsedURL: Sendable {
    var scheme: String
    /// Holds the host, with brackets around an IPv6 literal.
    var host: String
    var port: Int

    /// Parses with libcurl's own parser, so that both agree on the host.
    init(_ url: String) throws(TransportError) {
        // Spaces, control characters and non-ASCII text must be percent-encoded (or IDNA-encoded) by the caller.
        guard !url.isEmpty, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw TransportError(code: .invalidRequest, detail: "the URL is empty or not percent-encoded")
        }
        guard let handle = curl_url() else {
            throw TransportError(code: .internal, detail: "out of memory")
        }
        defer { curl_url_cleanup(handle) }
        guard curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK,
            let scheme = Self.part(CURLUPART_SCHEME, of: handle),
            let host = Self.part(CURLUPART_HOST, of: handle),
            let portText = Self.part(CURLUPART_PORT, of: handle), let port = Int(portText)
        else {
            throw TransportError(code: .invalidRequest, detail: "the URL is malformed or not absolute")
        }
        guard scheme == "http" || scheme == "https" else {
            throw TransportError(code: .invalidRequest, detail: "the URL's scheme is neither http nor https")
        }
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    private static func part(_ part: CURLUPart, of handle: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
