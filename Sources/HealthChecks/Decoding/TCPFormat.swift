internal import Documents

/// The format of a `tcp` probe.
enum TCPFormat {
    private static let port = DocumentKey(
        "port", .integer(in: 1...65535), isRequired: true, summary: "The port on the instance.")
    private static let send = DocumentKey(
        "send", DocumentFormat<SecretText>.secretText, summary: "What is sent after connecting, such as \"PING\\r\\n\"."
    )
    private static let expect = DocumentKey(
        "expect", DocumentFormat<String>.text, summary: "What the answer must contain.")

    /// A `tcp` probe.
    static let tcp = DocumentFormat<TCPCheck>.object(
        "tcp",
        keys: [
            port.shape, send.shape, expect.shape, LoopbackFormat.allowLoopback.shape, DurationFormat.requests.shape,
        ]
    ) { object in
        let send = object[send]
        let expect = object[expect]
        let loopback = object[LoopbackFormat.allowLoopback] ?? false
        let requests = object[DurationFormat.requests] ?? 1
        return object[port].map {
            TCPCheck(port: $0, send: send, expect: expect, allowsLoopback: loopback, requests: requests)
        }
    }
}
