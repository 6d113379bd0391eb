import CCurl

/// Owns an easy handle and the lists it points to.
///
/// Confined to the driver thread. ``close()`` must be called exactly once, after the handle has left its multi.
final class EasyHandle {
    let raw: UnsafeMutableRawPointer
    private var lists: [UnsafeMutablePointer<curl_slist>] = []

    init() throws(TransportError) {
        guard let raw = curl_easy_init() else {
            throw TransportError(code: .internal, detail: "libcurl could not create a handle")
        }
        self.raw = raw
    }

    func close() {
        curl_easy_cleanup(raw)
        for list in lists {
            curl_slist_free_all(list)
        }
        lists = []
    }

    func set(_ option: CURLoption, _ value: Int) throws(TransportError) {
        try check(changeover_curl_set_long(raw, option, value), option)
    }

    func set(_ option: CURLoption, _ value: Bool) throws(TransportError) {
        try set(option, value ? 1 : 0)
    }

    /// Sets a string, which libcurl copies; `nil` switches the option off.
    func set(_ option: CURLoption, _ value: String?) throws(TransportError) {
        let status: CURLcode
        if let value {
            status = value.withCString { changeover_curl_set_string(raw, option, $0) }
        } else {
            status = changeover_curl_set_string(raw, option, nil)
        }
        try check(status, option)
    }

    /// Sets a list, which this handle keeps until it is closed.
    func set(_ option: CURLoption, list strings: [String]) throws(TransportError) {
        var list: UnsafeMutablePointer<curl_slist>?
        for string in strings {
            guard let longer = curl_slist_append(list, string) else {
                curl_slist_free_all(list)
                throw TransportError(code: .internal, detail: "out of memory")
            }
            list = longer
        }
        guard let list else { return }
        lists.append(list)
        try check(changeover_curl_set_list(raw, option, list), option)
    }

    /// Sets the request body, which libcurl copies.
    func setBody(_ body: [UInt8]) throws(TransportError) {
        try set(CURLOPT_POST, 1)
        let size = changeover_curl_set_offset(raw, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
        try check(size, CURLOPT_POSTFIELDSIZE_LARGE)
        // An empty array may have no address, and libcurl takes a null pointer for "read from the callback".
        let status = (body.isEmpty ? [0] : body).withUnsafeBytes { bytes in
            changeover_curl_set_bytes(raw, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress)
        }
        try check(status, CURLOPT_COPYPOSTFIELDS)
    }

    func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) throws(TransportError) {
        try check(changeover_curl_set_pointer(raw, option, pointer), option)
    }

    func long(_ info: CURLINFO) -> Int {
        var value = 0
        return changeover_curl_get_long(raw, info, &value) == CURLE_OK ? value : 0
    }

    func microseconds(_ info: CURLINFO) -> Duration {
        var value: curl_off_t = 0
        guard changeover_curl_get_offset(raw, info, &value) == CURLE_OK else { return .zero }
        return .microseconds(value)
    }

    func string(_ info: CURLINFO) -> String? {
        var value: UnsafePointer<CChar>?
        guard changeover_curl_get_string(raw, info, &value) == CURLE_OK, let value else { return nil }
        return String(cString: value)
    }

    func pointer(_ info: CURLINFO) -> UnsafeMutableRawPointer? {
        var value: UnsafeMutableRawPointer?
        guard changeover_curl_get_pointer(raw, info, &value) == CURLE_OK else { return nil }
        return value
    }

    /// Returns the socket of a connection made with `CURLOPT_CONNECT_ONLY`.
    func activeSocket() -> curl_socket_t? {
        var value: curl_socket_t = -1
        guard changeover_curl_get_socket(raw, CURLINFO_ACTIVESOCKET, &value) == CURLE_OK, value >= 0 else {
            return nil
        }
        return value
    }

    func check(_ status: CURLcode, _ option: CURLoption) throws(TransportError) {
        guard status == CURLE_OK else {
            throw TransportError(
                code: status == CURLE_OUT_OF_MEMORY ? .internal : .invalidRequest,
                detail: "libcurl refused option \(option.rawValue): \(String(cString: curl_easy_strerror(status)))",
                curlCode: Int32(status.rawValue)
            )
        }
    }
}
