public import Workflow

extension LXDCalling {
    /// Does not wait: scripts in tests have no clock.
    public func pause(for span: Span) async throws(LXDError) {}

    /// Reads an instance with its state; `nil` when a complete read knows none of that name.
    ///
    /// Without the extension `instance_get_full` the state is read after the instance.
    public func instance(_ name: String) async throws(LXDError) -> LXDReading<LXDInstance>? {
        do throws(LXDError) {
            if try await server().extensions.contains("instance_get_full") {
                return try await read(.instance(name, query: ["recursion": "1"]), as: LXDInstance.self)
            }
            var reading = try await read(.instance(name), as: LXDInstance.self)
            reading.value.state = try await read(
                LXDResource("instances", name, "state"), as: LXDInstanceState.self
            ).value
            return reading
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// Sends a change and waits for its end.
    @discardableResult
    public func perform(
        _ method: LXDMethod, _ resource: LXDResource, _ body: LXDValue? = nil, version: String? = nil,
        within limit: Span
    ) async throws(LXDError) -> LXDOperation? {
        guard let operation = try await send(method, resource, body, version: version) else { return nil }
        return try await finish(operation, within: limit)
    }

    /// Changes an instance's definition: reads it with its version, writes it back unless it was changed meanwhile, and
    /// waits.
    ///
    /// When somebody else was first, or the instance is busy, it is read and changed again, eight times at most. Of two
    /// writings at once LXD (5.0.2) fails one with nothing but a text, the other one's effect perhaps not to be seen yet,
    /// so a writing fails for good only when it failed three times in a row with the instance unchanged.
    /// - Parameters:
    ///   - limit: how long each writing may take.
    ///   - change: may be called several times; returns `false` when nothing is to be written.
    /// - Returns: whether something was written.
    @discardableResult
    public func edit(
        _ name: String, within limit: Span,
        _ change: @Sendable (inout LXDDefinition) throws(LXDError) -> Bool
    ) async throws(LXDError) -> Bool {
        var pause = Span.milliseconds(50)
        var failures: (version: String?, count: Int) = (nil, 0)
        for attempt in 1... {
            let reading = try await read(.instance(name), as: LXDInstance.self)
            var definition = LXDDefinition(reading.value)
            guard try change(&definition) else { return false }
            do throws(LXDError) {
                try await perform(.put, .instance(name), definition.value, version: reading.version, within: limit)
                return true
            } catch {
                guard attempt < 8 else { throw error }
                switch error.code {
                case .conflict, .busy: failures.count = 0
                case .failed:
                    failures = (reading.version, failures.version == reading.version ? failures.count + 1 : 1)
                    guard failures.count < 3 else { throw error }
                default: throw error
                }
                try await self.pause(for: pause)
                pause = min(pause + pause, .seconds(2))
            }
        }
        return false
    }
}
