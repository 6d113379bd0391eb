/// A door that a scripted call waits at until the test opens it.
public actor Gate {
    private var isOpen = false
    private var hasArrived = false
    private var passing: [CheckedContinuation<Void, Never>] = []
    private var watching: [CheckedContinuation<Void, Never>] = []

    /// Creates a closed gate.
    public init() {}

    /// Waits until the gate is open; cancelling does not end the wait, as it does not end a call that was sent.
    public func pass() async {
        hasArrived = true
        for continuation in watching { continuation.resume() }
        watching = []
        guard !isOpen else { return }
        await withCheckedContinuation { passing.append($0) }
    }

    /// Waits until somebody stands at the gate.
    public func waitForArrival() async {
        guard !hasArrived else { return }
        await withCheckedContinuation { watching.append($0) }
    }

    /// Opens the gate for good.
    public func open() {
        isOpen = true
        for continuation in passing { continuation.resume() }
        passing = []
    }
}
