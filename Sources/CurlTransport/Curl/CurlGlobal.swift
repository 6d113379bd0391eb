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
