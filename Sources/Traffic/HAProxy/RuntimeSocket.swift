import Workflow

/// Carries one command to a HAProxy's runtime API and brings its whole answer.
protocol RuntimeSocket: Sendable {
    func ask(_ command: RuntimeCommand, for router: RouterName) async throws(TrafficError) -> String
}
