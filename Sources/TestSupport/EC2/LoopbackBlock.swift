internal import Glibc

/// 256 loopback addresses, 127.43.N.0 to 127.43.N.255, that no other process which asks in the same way has.
///
/// A socket that listens at the block's last address holds it; the system frees it when the process ends.
struct LoopbackBlock: Sendable {
    private static let port = 8079

    /// The first three numbers and a dot, such as `127.43.7.`.
    let prefix: String
    private let holder: LoopbackSocket

    /// Reserves a block below 127.43.128.0; throws when all are taken.
    init() throws {
        let start = Int.random(in: 0..<128)
        for offset in 0..<128 {
            let prefix = "127.43.\((start + offset) % 128)."
            if let holder = try? LoopbackSocket.listening(at: prefix + "254", port: Self.port) {
                self.prefix = prefix
                self.holder = holder
                return
            }
        }
        throw LoopbackError("every block of loopback addresses is taken")
    }

    func release() {
        holder.close()
    }
}
