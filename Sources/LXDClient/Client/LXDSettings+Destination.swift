internal import CurlTransport
internal import Foundation

/// Where requests go.
struct Destination {
    /// The scheme, host and port of every URL.
    var origin: String
    var options: HTTPOptions
}

extension LXDSettings {
    /// The server, for messages.
    var place: String {
        switch endpoint {
        case .socket(let path): path
        case .remote(let remote): remote.url
        }
    }

    func destination(_ request: String) throws(LXDError) -> Destination {
        switch endpoint {
        case .socket(let path):
            return Destination(
                origin: "http://lxd", options: HTTPOptions(unixSocketPath: path, version: .http1))
        case .remote(let remote): return try remote.destination(request)
        }
    }
}

extension LXDSettings.Remote {
    fileprivate func destination(_ request: String) throws(LXDError) -> Destination {
        let parts = try parts(request)
        var options = HTTPOptions(version: .http1)
        options.tls.caFile = serverCertificateFile
        options.tls.clientCertificateFile = clientCertificateFile
        options.tls.clientKeyFile = clientKeyFile
        guard let serverName, serverName != parts.host else {
            return Destination(origin: "https://\(parts.host):\(parts.port)", options: options)
        }
        guard !serverName.isEmpty, serverName.utf8.allSatisfy(Self.isNameByte) else {
            throw LXDError(.invalidRequest, request: request, detail: "serverName is no host name: \(serverName)")
        }
        // The name in the URL is the one that is sent and verified; the connection goes to the host all the same.
        options.connectHost = parts.host.hasPrefix("[") ? String(parts.host.dropFirst().dropLast()) : parts.host
        return Destination(origin: "https://\(serverName):\(parts.port)", options: options)
    }

    /// The host, an IPv6 literal in brackets, and the port, 443 where there is none.
    private func parts(_ request: String) throws(LXDError) -> (host: String, port: Int) {
        let wrong = LXDError(
            .invalidRequest, request: request,
            detail: "the server's url has to be like https://host:8443, without a path, and is \(url)")
        guard let components = URLComponents(string: url), components.scheme?.lowercased() == "https",
            let host = components.percentEncodedHost, !host.isEmpty, ["", "/"].contains(components.percentEncodedPath),
            components.query == nil, components.fragment == nil, components.user == nil,
            (1...65_535).contains(components.port ?? 443)
        else { throw wrong }
        return (host, components.port ?? 443)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._".utf8.contains(byte)
        }
    }
}
