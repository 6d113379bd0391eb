import CCurl

extension EasyHandle {
    /// Reads when each phase ended, made monotone: a phase that did not happen ends with the one before it.
    func timings() -> TransferTimings {
        let resolve = microseconds(CURLINFO_NAMELOOKUP_TIME_T)
        let connect = max(resolve, microseconds(CURLINFO_CONNECT_TIME_T))
        let tls = max(connect, microseconds(CURLINFO_APPCONNECT_TIME_T))
        let firstByte = max(tls, microseconds(CURLINFO_STARTTRANSFER_TIME_T))
        let total = max(firstByte, microseconds(CURLINFO_TOTAL_TIME_T))
        return TransferTimings(resolve: resolve, connect: connect, tls: tls, firstByte: firstByte, total: total)
    }

    /// Tells whether the connection is ready, TLS included, and the request may be sent.
    var isConnected: Bool {
        microseconds(CURLINFO_PRETRANSFER_TIME_T) > .zero
    }

    func httpVersion() -> String {
        switch long(CURLINFO_HTTP_VERSION) {
        case Int(CURL_HTTP_VERSION_1_0): "1.0"
        case Int(CURL_HTTP_VERSION_2_0): "2"
        default: "1.1"
        }
    }

    /// Returns `address:port`, with brackets around an IPv6 address, or the Unix socket's path.
    func remoteAddress(unixSocketPath: String?) -> String {
        if let unixSocketPath { return unixSocketPath }
        guard let address = string(CURLINFO_PRIMARY_IP), !address.isEmpty else { return "" }
        let port = long(CURLINFO_PRIMARY_PORT)
        return address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]:\(port)" : "\(address):\(port)"
    }

    /// Reads the server's chain, leaf first.
    func certificates() -> [PeerCertificate] {
        var info: UnsafeMutablePointer<curl_certinfo>?
        guard changeover_curl_get_certificates(raw, &info) == CURLE_OK,
            let chain = info?.pointee, let certificates = chain.certinfo
        else { return [] }
        return (0..<Int(chain.num_of_certs)).map { PeerCertificate(fields: Self.fields(of: certificates[$0])) }
    }

    /// Splits the lines `name:value` of one certificate.
    private static func fields(of list: UnsafeMutablePointer<curl_slist>?) -> [String: String] {
        var fields: [String: String] = [:]
        var next = list
        while let item = next {
            if let data = item.pointee.data {
                let line = String(cString: data)
                if let colon = line.firstIndex(of: ":") {
                    fields[String(line[..<colon])] = String(line[line.index(after: colon)...])
                }
            }
            next = item.pointee.next
        }
        return fields
    }
}

extension PeerCertificate {
    /// Takes the fields that `CURLINFO_CERTINFO` names.
    init(fields: [String: String]) {
        let notAfter = fields["Expire date"] ?? ""
        self.init(
            subject: fields["Subject"] ?? "",
            issuer: fields["Issuer"] ?? "",
            notBefore: fields["Start date"] ?? "",
            notAfter: notAfter,
            notAfterEpochSeconds: CertificateDate.epochSeconds(notAfter),
            alternativeNames: Self.alternativeNames(fields["X509v3 Subject Alternative Name"] ?? "")
        )
    }

    /// Reads what OpenSSL prints, such as `DNS:localhost, IP Address:127.0.0.1`.
    ///
    /// The library does not escape commas everywhere, so a name with `", DNS:"` in it reads as two. libcurl verifies
    /// names by itself, on the certificate: this list is for showing, and for servers whose verification is off.
    static func alternativeNames(_ text: String) -> [AlternativeName] {
        text.split(separator: ", ").map { part in
            if part.hasPrefix("DNS:") { return .host(String(part.dropFirst(4))) }
            if part.hasPrefix("IP Address:") { return .address(String(part.dropFirst(11))) }
            return .other(String(part))
        }
    }
}
