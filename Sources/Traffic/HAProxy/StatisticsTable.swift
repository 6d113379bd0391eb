/// One server as `show stat` describes it.
struct ServerStatistics: Hashable {
    /// Sessions open now.
    var sessions: Int?
    /// The newest check's result, such as `L7OK`; empty before the first.
    var check: String

    /// Whether the newest check passed; HAProxy marks a check in progress with `* ` and keeps the last result.
    var hasPassed: Bool {
        ["L4OK", "L6OK", "L7OK", "L7OKC"].contains(result)
    }

    /// Whether any check has ended yet.
    var isChecked: Bool { !["", "UNK", "INI"].contains(result) }

    private var result: String { check.hasPrefix("* ") ? String(check.dropFirst(2)) : check }
}

/// Reads the answer to `show stat`: CSV with a line of column names.
enum StatisticsTable {
    /// Statistics by server name; `nil` when the answer is no such table.
    static func parse(_ answer: String, backend: String) -> [String: ServerStatistics]? {
        guard answer.hasPrefix("# ") else { return nil }
        var rows = rows(answer.dropFirst(2))[...]
        guard let columns = rows.popFirst(), let proxy = columns.firstIndex(of: "pxname"),
            let name = columns.firstIndex(of: "svname"), let sessions = columns.firstIndex(of: "scur"),
            let check = columns.firstIndex(of: "check_status")
        else { return nil }
        var found: [String: ServerStatistics] = [:]
        for row in rows where row != [""] {
            guard row.count >= columns.count - 1, row.count > max(proxy, name, sessions, check), row[proxy] == backend
            else { return nil }
            found[row[name]] = ServerStatistics(sessions: Int(row[sessions]), check: row[check])
        }
        return found
    }

    /// Splits CSV as RFC 4180 has it; a field in quotes may hold commas, line feeds and doubled quotes.
    private static func rows(_ text: Substring) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var bytes = Array(text.utf8)[...]
        func take() {
            row.append(String(decoding: field, as: UTF8.self))
            field.removeAll(keepingCapacity: true)
        }
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\"") where isQuoted && bytes.first == UInt8(ascii: "\""):
                field.append(byte)
                bytes.removeFirst()
            case UInt8(ascii: "\""):
                isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted:
                take()
            case UInt8(ascii: "\n") where !isQuoted:
                take()
                rows.append(row)
                row = []
            default:
                field.append(byte)
            }
        }
        if !field.isEmpty || !row.isEmpty {
            take()
            rows.append(row)
        }
        return rows
    }
}
