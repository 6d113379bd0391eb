import LXDClient
import Workflow

/// All instances of a server's project, read once for everybody who asks at about the same time.
struct LXDListing: Sendable {
    private static let freshness = Span.seconds(1)

    private let client: any LXDCalling
    private let answers: SharedAnswer<[LXDInstance]>

    init(client: any LXDCalling, clock: any WorkflowClock) {
        self.client = client
        answers = SharedAnswer(clock: clock, lifetime: Self.freshness, router: RouterName("lxd"))
    }

    /// Every instance, at most a second old; complete or throws.
    func instances(for router: RouterName) async throws(TrafficError) -> [LXDInstance] {
        do throws(TrafficError) {
            return try await answers.value { () throws(TrafficError) in try await self.read() }
        } catch {
            throw TrafficError(error.code, router: router, detail: error.detail)
        }
    }

    /// Takes note of a change, so that nothing read before counts any more.
    func outdate() async { await answers.outdate() }

    private func read() async throws(TrafficError) -> [LXDInstance] {
        let router = RouterName("lxd")
        let all: [LXDInstance]
        do throws(LXDError) {
            all = try await client.read(LXDResource("instances", query: ["recursion": "1"]), as: [LXDInstance].self)
                .value
        } catch {
            throw TrafficError(error, router: router)
        }
        // Of the instances on a member of a cluster that does not answer, the others know the names only.
        if let unknown = all.first(where: { $0.status == "Error" && $0.expandedDevices.isEmpty }) {
            throw TrafficError(
                .unavailable, router: router,
                detail: "the server cannot tell what \(unknown.name) has, since \(unknown.location ?? "its host") "
                    + "does not answer; nothing was concluded")
        }
        return all
    }
}
