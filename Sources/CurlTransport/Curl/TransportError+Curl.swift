import CCurl
import Glibc

extension TransportError {
    /// Says what libcurl and the system know about a failure.
    struct CurlFailure {
        var status: CURLcode
        var systemError: Int32
        var verifyResult: Int
        var target: String
        var isUnixSocket: Bool
        var hasLowSpeedLimit: Bool
        var timings: TransferTimings?

        /// Tells whether the answer's header is longer than libcurl takes.
        ///
        /// Of that, libcurl says that memory is short, and from 8.6 on `CURLE_TOO_LARGE` (100, part of its ABI).
        var isHeaderTooLong: Bool {
            guard let timings else { return false }
            let isSaid = status == CURLE_OUT_OF_MEMORY || status.rawValue == 100
            return isSaid && timings.firstByte > timings.tls
        }
    }

    /// Classifies a failure by its codes; libcurl's messages are not used, they may quote the request.
    init(_ failure: CurlFailure) {
        let isVerification = failure.status == CURLE_PEER_FAILED_VERIFICATION
        let reason: String
        if isVerification {
            reason = Self.verificationReason(failure.verifyResult)
        } else if failure.isHeaderTooLong {
            reason = "the answer's header is too long"
        } else {
            let words = String(cString: curl_easy_strerror(failure.status))
            let system = failure.systemError == 0 ? "" : " (\(String(cString: strerror(failure.systemError))))"
            reason = words + system
        }
        self.init(
            code: isVerification ? Self.verificationCode(failure.verifyResult) : Self.code(failure),
            detail: "\(failure.target): \(reason)",
            curlCode: Int32(failure.status.rawValue),
            systemError: failure.systemError == 0 ? nil : failure.systemError,
            verifyResult: isVerification ? failure.verifyResult : nil,
            timings: failure.timings
        )
    }

    private static func code(_ failure: CurlFailure) -> Code {
        if failure.isHeaderTooLong { return .tooLarge }
        return switch failure.status {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .dns
        case CURLE_COULDNT_CONNECT: failure.isUnixSocket ? .unixSocket : .connect
        case CURLE_OPERATION_TIMEDOUT: timeoutCode(failure)
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE: .reset
        case CURLE_SEND_ERROR: isReset(failure.systemError) ? .reset : .send
        case CURLE_RECV_ERROR: isReset(failure.systemError) ? .reset : .receive
        case CURLE_TOO_MANY_REDIRECTS: .tooManyRedirects
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
            CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            .tls
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_HTTP2, CURLE_HTTP2_STREAM,
            CURLE_BAD_CONTENT_ENCODING:
            .protocolError
        case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_NOT_BUILT_IN, CURLE_UNKNOWN_OPTION:
            .invalidRequest
        default: .internal
        }
    }

    /// Tells the timeouts apart that libcurl reports alike.
    ///
    /// The driver enforces the connect and total timeouts itself, a little before libcurl does; so what libcurl reports
    /// while data could flow is the low-speed limit.
    private static func timeoutCode(_ failure: CurlFailure) -> Code {
        failure.hasLowSpeedLimit ? .lowSpeed : .timeout
    }

    static func isReset(_ systemError: Int32) -> Bool {
        systemError == ECONNRESET || systemError == EPIPE || systemError == ECONNABORTED
    }

    /// Classifies OpenSSL's `X509_V_ERR_…`; the numbers are part of its ABI.
    ///
    /// libcurl compares the host name itself, before it looks at the chain's result, which then still has the value 0
    /// or 1 (unspecified).
    private static func verificationCode(_ result: Int) -> Code {
        switch result {
        case 9, 10: .tlsExpired
        case 0, 1, 62, 63, 64: .tlsHostname
        default: .tlsUntrusted
        }
    }

    private static func verificationReason(_ result: Int) -> String {
        switch result {
        case 9: "a certificate is not valid yet"
        case 10: "a certificate has expired"
        case 18: "the certificate is self-signed"
        case 19: "the chain ends in a self-signed certificate that is not trusted"
        case 2, 20, 21: "the certificate's issuer is not known"
        case 23: "a certificate was revoked"
        case 0, 1, 62, 63, 64: "the certificate is for another name"
        default: "the certificate is not trusted (verification result \(result))"
        }
    }
}
