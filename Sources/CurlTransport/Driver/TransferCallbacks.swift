import CCurl
import Glibc

/// Holds the functions that libcurl calls; their last or first pointer is the ``Transfer``, which outlives its handle.
enum TransferCallbacks {
    static func install(_ transfer: Transfer) throws(TransportError) {
        let easy = transfer.easy
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        try easy.set(CURLOPT_PRIVATE, pointer: context)
        try easy.set(CURLOPT_WRITEDATA, pointer: context)
        try easy.set(CURLOPT_HEADERDATA, pointer: context)
        try easy.set(CURLOPT_OPENSOCKETDATA, pointer: context)
        try easy.set(CURLOPT_RESOLVER_START_DATA, pointer: context)
        let write = changeover_curl_set_copy_callback(easy.raw, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let context else { return 0 }
            return TransferCallbacks.transfer(context).receive(TransferCallbacks.buffer(bytes, size * count))
        }
        try easy.check(write, CURLOPT_WRITEFUNCTION)
        let header = changeover_curl_set_copy_callback(easy.raw, CURLOPT_HEADERFUNCTION) { line, size, count, context in
            guard let context else { return 0 }
            return TransferCallbacks.transfer(context).receiveHeader(TransferCallbacks.buffer(line, size * count))
        }
        try easy.check(header, CURLOPT_HEADERFUNCTION)
        let resolver = changeover_curl_set_resolver_start_callback(easy.raw) { _, _, context in
            guard let context else { return 0 }
            TransferCallbacks.transfer(context).isResolving = true
            return 0
        }
        try easy.check(resolver, CURLOPT_RESOLVER_START_FUNCTION)
        let openSocket = changeover_curl_set_open_socket_callback(easy.raw) { context, _, address in
            guard let context, let address else { return -1 }
            return TransferCallbacks.openSocket(TransferCallbacks.transfer(context), address.pointee)
        }
        try easy.check(openSocket, CURLOPT_OPENSOCKETFUNCTION)
    }

    private static func transfer(_ context: UnsafeMutableRawPointer) -> Transfer {
        Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }

    private static func buffer(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: UnsafeRawPointer(bytes)?.assumingMemoryBound(to: UInt8.self), count: count)
    }

    /// Opens a socket, which tells that the name is resolved; refuses to for a transfer that was given up.
    private static func openSocket(_ transfer: Transfer, _ address: curl_sockaddr) -> curl_socket_t {
        transfer.isResolving = false
        guard !transfer.isAbandoned else { return -1 }
        return socket(address.family, address.socktype | Int32(SOCK_CLOEXEC.rawValue), address.`protocol`)
    }
}
