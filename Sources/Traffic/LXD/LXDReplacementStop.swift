import LXDClient
import Workflow

/// Stops the replacement of a swap that goes back, before something is taken from it.
///
/// The engine gives a call 45 s. The two times in which an instance stops are 32 s together, and no change of one that
/// does not run takes long.
struct LXDReplacementStop: Sendable {
    /// How long the instance is given to stop by itself.
    private static let shutdownTime = Span.seconds(20)
    /// How long the server is given to say that it did or did not.
    private static let answerTime = Span.seconds(22)
    /// How long the server is given to stop it by force.
    private static let forceTime = Span.seconds(10)

    let router: RouterName
    let client: any LXDCalling
    let clock: any WorkflowClock

    /// Whether an instance was launched by a swap that has not ended.
    static func isReplacement(_ instance: LXDInstance) -> Bool {
        instance.config["user.\(OwnershipTag.role)"] == "replacement"
    }

    /// Stops an instance; one that does not stop by itself is stopped by force.
    func stop(_ name: String) async throws(TrafficError) {
        do throws(LXDError) {
            guard try await runs(name) else { return }
            try await ask(name)
            guard try await runs(name) else { return }
            try await halt(name)
        } catch {
            let cause = TrafficError(error, router: router)
            throw TrafficError(
                cause.code, router: router,
                detail: "nothing was moved, since \(name) could not be stopped: \(cause.detail)")
        }
    }

    /// Whether it is not proven to be stopped.
    private func runs(_ name: String) async throws(LXDError) -> Bool {
        guard let instance = try await client.instance(name)?.value else { return false }
        return (instance.state?.status ?? instance.status) != "Stopped"
    }

    /// Has the instance stop by itself; returns too when it would not.
    private func ask(_ name: String) async throws(LXDError) {
        let start = clock.monotonicMilliseconds()
        do throws(LXDError) {
            try await change(name, isForced: false, within: Self.answerTime)
        } catch {
            // What an instance that does not stop says, and what is said of one that has stopped, differ in words only.
            // A server that went away says nothing about the instance, which has its time again once it is back.
            let hadItsTime = clock.monotonicMilliseconds() - start >= Self.shutdownTime.milliseconds
            let says = [.failed, .invalidRequest].contains(error.code) || (error.code == .unavailable && hadItsTime)
            guard says else { throw error }
        }
    }

    /// Stops the instance at once; done as well where it has stopped meanwhile.
    private func halt(_ name: String) async throws(LXDError) {
        do throws(LXDError) {
            try await change(name, isForced: true, within: Self.forceTime)
        } catch {
            guard try await runs(name) else { return }
            throw error
        }
    }

    private func change(_ name: String, isForced: Bool, within limit: Span) async throws(LXDError) {
        // The server takes whole seconds, and -1 for no limit.
        let seconds = isForced ? -1 : Int(Self.shutdownTime.milliseconds / 1000)
        try await client.perform(
            .put, LXDResource("instances", name, "state"),
            .object(["action": .text("stop"), "force": .boolean(isForced), "timeout": .integer(seconds)]),
            within: limit)
    }
}
