import Foundation
import Workflow

/// What is read from a HAProxy; shared by the observer, which has nothing else, and the router.
struct HAProxyReading: Sendable {
    let route: HAProxyRoute
    let router: RouterName
    let socket: any RuntimeSocket

    /// A server with both of its descriptions.
    struct Server {
        var state: ServerState
        var statistics: ServerStatistics?

        var status: TrafficMember.Status {
            if state.isDisabled { return .disabled }
            if state.isDraining { return .draining }
            guard state.isUp else { return .unhealthy }
            // HAProxy starts a checked server as up; it is not seen healthy before a check has ended.
            return state.isChecked && statistics?.isChecked == false ? .unhealthy : .inService
        }

        var member: TrafficMember {
            TrafficMember(
                name: state.name, address: state.address, status: status, openSessions: statistics?.sessions)
        }
    }

    /// The slot's key; the socket's path is resolved so that two spellings are one slot.
    var slot: String {
        guard let resolved = realpath(route.socket, nil) else { return "haproxy:\(route.socket)/\(route.backend)" }
        defer { free(resolved) }
        return "haproxy:\(String(cString: resolved))/\(route.backend)"
    }

    func backend() throws(TrafficError) -> RuntimeName {
        guard let name = RuntimeName(route.backend) else {
            throw TrafficError(
                .invalidRequest, router: router,
                detail: "the backend's name may hold only letters, digits and _ . : -; correct the playbook")
        }
        return name
    }

    /// Reads every server of the backend; complete or throws.
    func servers() async throws(TrafficError) -> [Server] {
        let backend = try backend()
        let stateAnswer = try await socket.ask(.showServers(of: backend), for: router)
        guard let states = ServerStateTable.parse(stateAnswer, backend: route.backend) else {
            throw error(forAnswer: stateAnswer, to: "show servers state")
        }
        let statisticsAnswer = try await socket.ask(.showStatistics(of: backend), for: router)
        guard let statistics = StatisticsTable.parse(statisticsAnswer, backend: route.backend) else {
            throw error(forAnswer: statisticsAnswer, to: "show stat")
        }
        return states.map { Server(state: $0, statistics: statistics[$0.name]) }
    }

    /// Turns an answer that is not the expected one into an error that says what to do.
    func error(forAnswer answer: String, to command: String) -> TrafficError {
        let said = RuntimeRefusal.firstLine(answer)
        guard let refusal = RuntimeRefusal(answer) else {
            return TrafficError(
                .malformedAnswer, router: router,
                detail: "HAProxy's answer to `\(command)` cannot be understood: \(said.isEmpty ? "nothing" : said)")
        }
        switch refusal {
        case .permissionDenied:
            return TrafficError(
                .invalidRequest, router: router,
                detail: "the socket \(route.socket) does not allow `\(command)`; give its `stats socket` line `level "
                    + "admin` and reload HAProxy")
        case .noSuchBackend:
            return TrafficError(
                .notFound, router: router,
                detail: "HAProxy has no backend \(route.backend); `show backend` on \(route.socket) lists those it has")
        case .staticBalance:
            return TrafficError(
                .refused, router: router,
                detail: "the backend \(route.backend) uses a static balance algorithm, to which no server can be "
                    + "added; use roundrobin, leastconn or another dynamic one, or declare the server")
        case .unknownCommand:
            return TrafficError(
                .refused, router: router,
                detail: "this HAProxy does not know `\(command)`; version 2.6 or later is needed")
        case .noSuchServer, .nameTaken, .notInMaintenance, .stillConnected:
            return TrafficError(.refused, router: router, detail: "HAProxy refused `\(command)`: \(said)")
        }
    }
}
