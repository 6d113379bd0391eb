/// One server as `show servers state` describes it.
struct ServerState: Hashable {
    var name: String
    var address: String
    var port: Int
    var operation: Int
    var administration: Int
    var check: Int
    var checkPort: Int
    var initialWeight: Int
    var usesTLS: Bool

    /// Forced, inherited or resolution maintenance (`SRV_ADMF_MAINT`, haproxy server-t.h).
    ///
    /// The bit 4 only says that the configuration has `disabled`; it stays when the server was made ready.
    var isDisabled: Bool { administration & 0x63 != 0 }
    /// Forced or inherited drain.
    var isDraining: Bool { administration & 0x18 != 0 || operation == 3 }
    /// Starting or running, by its checks or for want of any.
    var isUp: Bool { operation == 1 || operation == 2 }
    /// Whether HAProxy checks the server (`CHK_ST_ENABLED`, haproxy check-t.h).
    var isChecked: Bool { check & 4 != 0 }
}

/// Reads the answer to `show servers state <backend>`: a version, a line of column names, one line a server.
enum ServerStateTable {
    private static let version = "1"

    /// The servers; `nil` when the answer is anything else than a whole table.
    static func parse(_ answer: String, backend: String) -> [ServerState]? {
        let lines = answer.split(separator: "\n", omittingEmptySubsequences: true)
        guard lines.count >= 2, lines[0] == version, lines[1].hasPrefix("# ") else { return nil }
        let columns = lines[1].dropFirst(2).split(separator: " ").map(String.init)
        var servers: [ServerState] = []
        for line in lines.dropFirst(2) {
            let fields = line.split(separator: " ").map(String.init)
            guard fields.count == columns.count else { return nil }
            let row = Dictionary(zip(columns, fields), uniquingKeysWith: { first, _ in first })
            guard row["be_name"] == backend, let server = server(row) else { return nil }
            servers.append(server)
        }
        return servers
    }

    private static func server(_ row: [String: String]) -> ServerState? {
        guard let name = row["srv_name"], let address = row["srv_addr"],
            let port = number(row, "srv_port"), let operation = number(row, "srv_op_state"),
            let administration = number(row, "srv_admin_state"), let check = number(row, "srv_check_state"),
            let weight = number(row, "srv_iweight")
        else { return nil }
        return ServerState(
            name: name, address: address, port: port, operation: operation, administration: administration,
            check: check, checkPort: number(row, "srv_check_port") ?? 0, initialWeight: weight,
            usesTLS: number(row, "srv_use_ssl") == 1)
    }

    private static func number(_ row: [String: String], _ column: String) -> Int? {
        row[column].flatMap { Int($0) }
    }
}
