internal import CurlTransport

extension LXDClient {
    /// Reads a file of an instance, at most its first `limitBytes`; `nil` where there is no such file or instance.
    ///
    /// A symbolic link gives its target's path; a folder throws `invalidRequest`.
    public func file(
        _ path: String, of instance: String, limitBytes: Int
    ) async throws(LXDError) -> [UInt8]? {
        var call = Call(method: "GET", resource: .file(path, of: instance), timeout: settings.timeout)
        call.maxBytes = .max
        guard let response = try await stream(call) else { return nil }
        let kind = response.values(for: "X-LXD-type").first ?? response.values(for: "X-Incus-type").first
        guard kind != "directory" else {
            throw LXDError(.invalidRequest, request: call.label, detail: "\(path) is a folder")
        }
        return try await Self.bytes(of: response, atMost: limitBytes, call, self)
    }

    /// Writes a file of an instance, with owner root, over the one that is there.
    public func write(_ file: LXDFile, to instance: String) async throws(LXDError) {
        var call = Call(method: "POST", resource: .file(file.path, of: instance), timeout: settings.timeout)
        call.body = file.content
        call.headers.append(HTTPHeader(name: "Content-Type", value: "application/octet-stream"))
        let facts = [
            "uid": "0", "gid": "0", "mode": "0" + String(file.mode, radix: 8), "type": file.kind.rawValue,
            "write": "overwrite",
        ]
        // Incus renamed the headers and ignores the old names.
        for prefix in ["X-LXD-", "X-Incus-"] {
            call.headers += facts.sorted { $0.key < $1.key }.map { HTTPHeader(name: prefix + $0.key, value: $0.value) }
        }
        _ = try await answer(to: call)
    }

    /// Reads a text that the server keeps, such as an instance's console, at most its first `limitBytes`; `nil` where
    /// there is none.
    ///
    /// Bytes that are no UTF-8 become U+FFFD.
    public func text(_ resource: LXDResource, limitBytes: Int) async throws(LXDError) -> String? {
        var call = Call(method: "GET", resource: resource, timeout: settings.timeout)
        call.maxBytes = .max
        guard let response = try await stream(call) else { return nil }
        return String(decoding: try await Self.bytes(of: response, atMost: limitBytes, call, self), as: UTF8.self)
    }
}
