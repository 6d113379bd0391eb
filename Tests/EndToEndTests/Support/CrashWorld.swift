import Foundation

/// What a swap's calls change, read from the provider's files and from HAProxy, without the program under test.
struct CrashWorld: Sendable {
    /// One instance's record.
    struct Record: Decodable, Sendable {
        var id: String
        var address: String
        var tags: [String: String]
        var intention: String
        var terminatedAt: Int64?
    }

    /// By id.
    var records: [String: Record] = [:]
    /// Folders beside those of the instances, such as a launch's draft.
    var otherFolders: [String] = []
    /// How often a console says that first boot and that the service was started, by id.
    var boots: [String: Int] = [:]
    var starts: [String: Int] = [:]
    /// What HAProxy was told about its servers (0, or the bits of maintenance and drain), by address.
    var servers: [String: Int] = [:]

    private static let maintenance = 0x01
    private static let drain = 0x08

    init(of fixture: Fixture) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: fixture.instancesFolder) {
            let file = URL(fileURLWithPath: "\(fixture.instancesFolder)/\(name)/instance.json")
            if !name.hasPrefix("."), let data = try? Data(contentsOf: file) {
                records[name] = try JSONDecoder().decode(Record.self, from: data)
                let console = FileManager.default.contents(atPath: "\(fixture.instancesFolder)/\(name)/console.log")
                let text = String(decoding: console ?? Data(), as: UTF8.self)
                boots[name] = text.ranges(of: "Z first boot\n").count
                starts[name] = text.ranges(of: "Z starting the service\n").count
            } else {
                otherFolders.append(name)
            }
        }
        for line in try fixture.haproxy("show servers state web").split(separator: "\n") {
            // Address and administrative state: section 9.3 of HAProxy's management guide.
            let fields = line.split(separator: " ")
            guard fields.count > 14, fields[0] != "#", let state = Int(fields[6]) else { continue }
            servers[String(fields[4])] = state & (Self.maintenance | Self.drain)
        }
    }

    var names: Set<String> { Set(records.keys).union(otherFolders) }

    /// The calls that must have been made since `before`, in the words of `JournalText.Record.intents`.
    func calls(since before: CrashWorld) -> Set<String> {
        var calls: Set<String> = []
        if !names.subtracting(before.names).isEmpty { calls.insert("launch") }
        for (id, record) in records {
            let old = before.records[id]
            // Its address may be another instance's by now.
            if old?.intention == "terminated" { continue }
            if record.intention != old?.intention ?? "running" {
                let verbs = ["running": "start", "stopped": "stop", "terminated": "terminate"]
                calls.insert("\(verbs[record.intention] ?? record.intention) \(id)")
            }
            if let old, old.tags != record.tags { calls.insert("tag \(id)") }
            if let call = Self.traffic(before.servers[record.address], servers[record.address]) {
                calls.insert("\(call) \(id)")
            }
        }
        return calls
    }

    /// What made of one administrative state the other; a server that is added begins in maintenance, and leaves it by
    /// way of drain, so that only a passed check brings it to service.
    private static func traffic(_ before: Int?, _ now: Int?) -> String? {
        guard before != now else { return nil }
        guard let before else { return "admit" }
        guard let now, now & maintenance == 0 else { return "remove" }
        return now == 0 || before & maintenance != 0 ? "admit" : "drain"
    }
}
