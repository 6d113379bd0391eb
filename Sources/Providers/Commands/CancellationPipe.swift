import Foundation

/// Wakes the thread that watches a process when the task that wants it is cancelled.
final class CancellationPipe: Sendable {
    /// Becomes readable on cancellation.
    let reading: OwnedDescriptor
    private let writing: OwnedDescriptor

    /// Creates the pipe; throws when no descriptor is left.
    init() throws(SystemFailure) {
        let ends = try OwnedDescriptor.pipe()
        reading = ends.reading
        writing = ends.writing
    }

    /// Makes the reading end readable; may be called at any time and any number of times.
    func cancel() {
        try? writing.write([1])
    }
}
