import Testing

/// Why a test cannot go on.
struct Failed: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Waits for what can be observed; throws when it takes longer than `limit`, with what `details` says then.
func eventually(
    _ what: String, within limit: Duration = .seconds(30), else details: () -> String = { "" },
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: limit)
    while clock.now < deadline {
        if try await condition() { return }
        try await clock.sleep(for: .milliseconds(4))
    }
    throw Failed("not within \(limit): \(what)\n\(details())")
}

/// Lets a bounded number of fixtures work at a time, in the order of their asking.
actor Turnstile {
    /// How many places a fixture takes.
    enum Need: Sendable {
        /// One: it mostly waits.
        case one
        case several
        /// All of them: what it measures must not be disturbed.
        case all
    }

    static let shared = Turnstile(places: 6)
    private static let several = 2

    private let places: Int
    private var free: Int
    private var queue: [(wanted: Int, waiter: CheckedContinuation<Void, Never>)] = []

    init(places: Int) {
        self.places = places
        free = places
    }

    /// Runs `body` once there is room for it.
    nonisolated func pass<Result>(_ need: Need, _ body: () async throws -> Result) async throws -> Result {
        let wanted =
            switch need {
            case .one: 1
            case .several: Self.several
            case .all: places
            }
        await enter(wanted)
        do {
            let result = try await body()
            await leave(wanted)
            return result
        } catch {
            await leave(wanted)
            throw error
        }
    }

    private func enter(_ wanted: Int) async {
        if queue.isEmpty && free >= wanted {
            free -= wanted
            return
        }
        await withCheckedContinuation { queue.append((wanted, $0)) }
    }

    private func leave(_ places: Int) {
        free += places
        while let next = queue.first, next.wanted <= free {
            queue.removeFirst()
            free -= next.wanted
            next.waiter.resume()
        }
    }
}
