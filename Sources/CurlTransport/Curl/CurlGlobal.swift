import CCurl
import Glibc

/// Initialises libcurl once per process.
enum CurlGlobal {
    /// Holds the `CURLcode` of the only call of `curl_global_init`.
    ///
    /// Also ignores SIGPIPE for the process: TLS libraries write to sockets without `MSG_NOSIGNAL`.
    static let initialisation: CURLcode = {
        signal(SIGPIPE, SIG_IGN)
        return curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    }()

    /// Tells whether HTTP/2 by prior knowledge in the clear fails on a connection that was used before.
    ///
    /// libcurl 7.88.0 and 7.88.1 (Debian 12) begin HTTP/2 anew on it: https://github.com/curl/curl/issues/10634.
    static let breaksPriorKnowledgeOnReuse: Bool = {
        guard let info = curl_version_info(CURLVERSION_FIRST) else { return false }
        return (0x07_58_00...0x07_58_01).contains(info.pointee.version_num)
    }()

    static func initialise() throws(TransportError) {
        guard initialisation == CURLE_OK else {
            throw TransportError(
                code: .internal,
                detail: "libcurl could not be initialised",
                curlCode: Int32(initialisation.rawValue)
            )
        }
    }
}
