@preconcurrency import Dispatch
import Foundation
import Synchronization

/// Counts Ctrl-C and SIGTERM while it lives.
final class Interrupts: Sendable {
    // Dispatch sources may be used from any thread; their type just does not say so.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]
    private let count = Mutex(0)

    /// Starts listening; `handler` hears how many came so far.
    init(_ handler: @escaping @Sendable (Int) -> Void) {
        sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: .global())
        }
        for source in sources {
            source.setEventHandler { [weak self] in
                guard let self else { return }
                handler(
                    self.count.withLock { count in
                        count += 1
                        return count
                    })
            }
            source.resume()
        }
    }

    /// Stops listening and gives the signals back.
    func cancel() {
        sources.forEach { $0.cancel() }
        [SIGINT, SIGTERM, SIGHUP].forEach { signal($0, SIG_DFL) }
    }
}
