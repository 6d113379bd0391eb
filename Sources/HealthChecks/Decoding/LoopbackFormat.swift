internal import Documents

/// The key that lets a probe of the instance visit this machine.
enum LoopbackFormat {
    static let allowLoopback = DocumentKey(
        "allowLoopback", DocumentFormat<Bool>.boolean, defaultText: "false",
        summary: "true: the instance's address may be one of this machine.")
}
