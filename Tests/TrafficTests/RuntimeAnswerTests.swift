import Foundation
import Testing
import Workflow

@testable import Traffic

/// Answers with what a test says, and remembers what was asked.
private final class ScriptedSocket: RuntimeSocket, @unchecked Sendable {
    private let lock = NSLock()
    private var asked: [String] = []
    private let answer: @Sendable (String) -> String

    init(_ answer: @escaping @Sendable (String) -> String) {
        self.answer = answer
    }

    var commands: [String] { lock.withLock { asked } }

    func ask(_ command: RuntimeCommand, for router: RouterName) async throws(TrafficError) -> String {
        lock.withLock { asked.append(command.text) }
        return answer(command.text)
    }
}

@Suite struct RuntimeAnswerTests {
    private static let route = HAProxyRoute(socket: "/nowhere", backend: "web", port: 80)
    private static let header = """
        1
        # be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight \
        srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state \
        bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr \
        srv_agent_addr srv_agent_port

        """

    private static func row(
        _ name: String, _ address: String, operation: Int = 2, administration: Int = 0, check: Int = 6, tls: Int = 0
    ) -> String {
        "3 web 1 \(name) \(address) \(operation) \(administration) 1 1 60 15 3 3 \(check) 0 0 0 - 80 - \(tls) 0 - - 0\n"
    }

    private static let statistics = """
        # pxname,svname,scur,check_status,last_chk,
        web,a,3,L7OK,"says ""hi"", and
        more",
        web,b,0,* L7STS,,


        """

    private func answers(_ state: String, _ stat: String = Self.statistics) -> ScriptedSocket {
        ScriptedSocket { $0.hasPrefix("show servers") ? state : $0.hasPrefix("show stat") ? stat : "\n" }
    }

    @Test func statesAreReadByTheirBits() async throws {
        let table =
            Self.header + Self.row("a", "10.0.0.1") + Self.row("b", "10.0.0.2", operation: 0)
            + Self.row("c", "fd00::1", administration: 8) + Self.row("d", "10.0.0.4", administration: 5)
            + Self.row("e", "10.0.0.5", administration: 4) + Self.row("f", "10.0.0.6", operation: 0, administration: 32)
        let observer = HAProxyObserver(route: Self.route, socket: answers(table))
        let members = try await observer.members()
        #expect(members.map(\.status) == [.inService, .unhealthy, .draining, .disabled, .inService, .disabled])
        #expect(members.map(\.openSessions) == [3, 0, nil, nil, nil, nil])
        #expect(observer.slot == "haproxy:/nowhere/web")
        #expect(observer.name == RouterName("haproxy:web"))
    }

    @Test(arguments: [
        "", "\n", "1\n", "2\n# be_name srv_name\n", "HTTP/1.1 200 OK\r\n\r\n", header + "3 web 1 a\n",
        header + row("a", "10.0.0.1").replacingOccurrences(of: "web", with: "mail"),
        header + row("a", "10.0.0.1").replacingOccurrences(of: " 2 0 ", with: " x 0 "),
        "\u{0}\u{1b}[31mgarbage", String(repeating: "x", count: 100_000),
    ]) func garbageIsMalformed(_ answer: String) async throws {
        let observer = HAProxyObserver(route: Self.route, socket: answers(answer))
        let error = await thrown { _ = try await observer.members() }
        #expect(error?.code == .malformedAnswer)
        #expect((error?.detail.utf8.count ?? 0) < 500)
        #expect(error?.detail.contains("\u{1b}") == false)
    }

    @Test(arguments: [
        "", "# pxname\nweb\n", "# pxname,svname,scur,check_status\nother,a,1,L7OK\n", "# \n", "#,,,\n\"\n",
    ])
    func garbageStatisticsAreMalformed(_ answer: String) async throws {
        let socket = answers(Self.header + Self.row("a", "10.0.0.1"), answer)
        let error = await thrown { _ = try await HAProxyObserver(route: Self.route, socket: socket).members() }
        #expect(error?.code == .malformedAnswer)
    }

    @Test func cutAnswersNeverCrashAndNeverPassForWhole() async throws {
        let table = Self.header + Self.row("a", "10.0.0.1") + Self.row("b", "10.0.0.2")
        for length in stride(from: 0, to: table.utf8.count, by: 3) {
            let cut = String(decoding: table.utf8.prefix(length), as: UTF8.self)
            _ = ServerStateTable.parse(cut, backend: "web")
            _ = StatisticsTable.parse(String(Self.statistics.prefix(length)), backend: "web")
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let bytes = (0..<60).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(ServerStateTable.parse(text, backend: "web") == nil)
            _ = StatisticsTable.parse("# " + text, backend: "web")
            _ = RuntimeRefusal.firstLine(text)
        }
    }

    @Test(arguments: ["a\nb", "a;b", "a b", "", "ä", "a/b", "a\0", String(repeating: "x", count: 300)])
    func namesCannotBeginAnotherCommand(_ text: String) async throws {
        let socket = answers(Self.header)
        let router = HAProxyRouter(route: Self.route, socket: socket)
        let change = TrafficChange(.register, instance: InstanceID(text), address: "10.0.0.9")
        #expect(await thrown { try await router.apply(change) }?.code == .invalidRequest)
        let backend = HAProxyRoute(socket: "/nowhere", backend: text, port: 80)
        let observer = HAProxyObserver(route: backend, socket: socket)
        #expect(await thrown { _ = try await observer.members() }?.code == .invalidRequest)
        #expect(socket.commands.isEmpty)
    }

    @Test(arguments: ["10.0.0.999", "localhost", "10.0.0.1;", "10.0.0.1\n", "", "10.0.0.1 check", "::1]"])
    func onlyNumericAddressesAreSent(_ address: String) async throws {
        let socket = answers(Self.header)
        let router = HAProxyRouter(route: Self.route, socket: socket)
        for action in [TrafficChange.Action.register, .restore, .drain, .remove] {
            let change = TrafficChange(action, instance: InstanceID("i-1"), address: address)
            #expect(await thrown { try await router.apply(change) }?.code == .invalidRequest)
        }
        let none = TrafficChange(.register, instance: InstanceID("i-1"), address: nil)
        #expect(await thrown { try await router.apply(none) }?.code == .invalidRequest)
        #expect(socket.commands.isEmpty)
    }

    @Test func aMemberIsSetDownBeforeItIsMadeReady() async throws {
        let table =
            Self.header + Self.row("a", "10.0.0.1")
            + Self.row("z", "10.0.0.9", operation: 0, administration: 1, check: 14)
        let socket = answers(table)
        let router = HAProxyRouter(route: Self.route, socket: socket)
        try await router.apply(TrafficChange(.restore, instance: InstanceID("i-1"), address: "10.0.0.9"))
        #expect(
            socket.commands.dropFirst(2) == [
                "set server web/z state drain", "set server web/z health down", "set server web/z state ready",
            ])
    }

    @Test func tlsServersAreNotImitated() async throws {
        let socket = answers(Self.header + Self.row("a", "10.0.0.1", tls: 1))
        let router = HAProxyRouter(route: Self.route, socket: socket)
        let change = TrafficChange(.register, instance: InstanceID("i-1"), address: "10.0.0.9")
        #expect(await thrown { try await router.apply(change) }?.code == .refused)
        #expect(socket.commands.allSatisfy { $0.hasPrefix("show ") })
    }
}
