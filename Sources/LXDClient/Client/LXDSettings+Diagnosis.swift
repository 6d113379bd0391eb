internal import CurlTransport
internal import Foundation

extension LXDSettings {
    /// What to do about a server that does not trust the client's certificate.
    var untrustedClientAdvice: String {
        guard case .remote(let remote) = endpoint else { return "the server does not trust this client" }
        return """
            the server does not trust the certificate in \(remote.clientCertificateFile); add it on the server with: \
            lxc config trust add \(remote.clientCertificateFile) (Incus: incus config trust add-certificate)
            """
    }

    /// What a transfer's failure means here, and what to do about it.
    func diagnosis(of error: TransportError) -> (LXDError.Code, String) {
        switch error.code {
        case .cancelled, .shutdown: return (.cancelled, error.detail)
        case .tooLarge, .protocolError, .tooManyRedirects: return (.malformedAnswer, error.detail)
        case .invalidRequest: return (.invalidRequest, error.detail)
        case .unixSocket: return socketDiagnosis(error)
        case .dns: return (.noServer, "\(error.detail); is the host in the setting url right?")
        case .connect:
            return (
                .noServer,
                """
                \(error.detail); does the server listen there? It has to be told on the server: \
                lxc config set core.https_address :8443
                """
            )
        case .tls, .tlsExpired, .tlsUntrusted, .tlsHostname: return tlsDiagnosis(error)
        case .connectTimeout, .timeout, .lowSpeed, .reset, .send, .receive, .queueFull, .internal:
            return (.unavailable, error.detail)
        }
    }

    // MARK: Sockets

    private func socketDiagnosis(_ error: TransportError) -> (LXDError.Code, String) {
        guard case .socket(let path) = endpoint else { return (.noServer, error.detail) }
        switch error.systemError {
        case EACCES, EPERM: return (.forbidden, permissionAdvice(path))
        case ENOENT, ENOTDIR:
            return (
                .noServer,
                "there is no socket \(path): is the daemon installed and running? The setting socket names another"
            )
        case ECONNREFUSED:
            return (
                .noServer,
                "nobody listens on \(path): is the daemon running? (systemctl status lxd, or incus)"
            )
        default: return (.noServer, error.detail)
        }
    }

    /// Names the group whose members may open a socket, where that can be seen.
    private func permissionAdvice(_ path: String) -> String {
        let facts = try? FileManager.default.attributesOfItem(atPath: path)
        let group = facts?[.groupOwnerAccountName] as? String
        let isGroupEnough = group != "root" && ((facts?[.posixPermissions] as? Int) ?? 0o660) & 0o020 != 0
        guard isGroupEnough else { return "this user may not open \(path): run as root" }
        let name = group.map { "the group \($0)" } ?? "its group (lxd or incus-admin)"
        return "this user may not open \(path): be a member of \(name), and log in again, or run as root"
    }

    // MARK: Certificates

    private func tlsDiagnosis(_ error: TransportError) -> (LXDError.Code, String) {
        guard case .remote(let remote) = endpoint else { return (.unavailable, error.detail) }
        switch error.code {
        case .tlsHostname: return (.untrustedServer, "\(error.detail); name the certificate's own as serverName")
        case .tlsExpired: return (.untrustedServer, error.detail)
        case .tlsUntrusted:
            let advice =
                if let file = remote.serverCertificateFile {
                    "the server's certificate is not the one in \(file), nor signed by it"
                } else {
                    "an LXD or Incus server signs its own: copy it (server.crt) and name the file as serverCertificate"
                }
            return (.untrustedServer, "\(error.detail); \(advice)")
        default:
            if let problem = remote.fileProblem() { return (.certificateFile, problem) }
            // libcurl's codes: 58, the client's certificate or key; 77, the authorities' file.
            switch error.curlCode {
            case 58:
                return (
                    .certificateFile,
                    """
                    \(remote.clientCertificateFile) and \(remote.clientKeyFile) are no certificate and its private key, \
                    in PEM and without a passphrase
                    """
                )
            case 77:
                return (.certificateFile, "\(remote.serverCertificateFile ?? "the file") is no certificate in PEM")
            default: return (.unavailable, error.detail)
            }
        }
    }
}

extension LXDSettings.Remote {
    /// Which of the files cannot be read, and why.
    fileprivate func fileProblem() -> String? {
        let files = [
            ("the client's certificate", clientCertificateFile), ("the client's key", clientKeyFile),
            ("the server's certificate", serverCertificateFile),
        ]
        for case (let name, let path?) in files {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor < 0 else {
                close(descriptor)
                continue
            }
            let reason = String(cString: strerror(errno))
            return "\(name), \(path), cannot be read: \(reason)"
        }
        return nil
    }
}
