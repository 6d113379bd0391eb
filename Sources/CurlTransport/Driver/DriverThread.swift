import Glibc

/// Runs a body on a thread of its own.
final class DriverThread: @unchecked Sendable {
    private final class Box {
        let body: () -> Void

        init(_ body: @escaping () -> Void) {
            self.body = body
        }
    }

    private let thread: pthread_t
    private let isReleased = Locked(false)

    /// Starts the thread; the body must not keep anything that other threads use without a lock.
    init(_ body: @escaping () -> Void) throws(TransportError) {
        let box = Unmanaged.passRetained(Box(body))
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, Self.main, box.toOpaque())
        guard status == 0 else {
            box.release()
            throw TransportError(code: .internal, detail: "no thread: \(String(cString: strerror(status)))")
        }
        self.thread = thread
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        if let argument {
            Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
        }
        return nil
    }

    /// Waits for the end of a thread that is about to end; later calls do nothing.
    func join() {
        isReleased.withLock { isReleased in
            guard !isReleased else { return }
            isReleased = true
            pthread_join(thread, nil)
        }
    }

    /// Lets the thread end by itself, unless it was joined.
    func detach() {
        isReleased.withLock { isReleased in
            guard !isReleased else { return }
            isReleased = true
            pthread_detach(thread)
        }
    }
}
