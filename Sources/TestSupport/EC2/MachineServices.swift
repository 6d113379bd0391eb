internal import Glibc
internal import Synchronization

/// The HTTP services of simulated machines, each at its machine's own address.
final class MachineServices: Sendable {
    private struct State {
        var servers: [String: LoopbackServer] = [:]
        var isStopped = false
    }

    private let port: Int
    private let page: @Sendable (String) -> HTTPAnswer?
    private let state = Mutex(State())

    /// `page` says what the machine at an address answers; `nil` resets the connection, as if nothing listened.
    init(port: Int, page: @escaping @Sendable (String) -> HTTPAnswer?) {
        self.port = port
        self.page = page
    }

    /// Listens at every address at which it does not yet.
    func listen(at addresses: [String]) {
        state.withLock { state in
            guard !state.isStopped else { return }
            for address in addresses where state.servers[address] == nil {
                state.servers[address] = try? LoopbackServer(address: address, port: port) { [page] _ in
                    page(address).map { .answer($0) } ?? .reset
                }
            }
        }
    }

    /// Ends all of them.
    func stop() {
        let servers = state.withLock { state in
            state.isStopped = true
            defer { state.servers = [:] }
            return state.servers.values
        }
        for server in servers { server.stop() }
    }
}
