import Engine
import Foundation
import Workflow

/// A plan as `plan --out` writes it and `swap --plan` reads it.
struct PlanFile: Codable {
    var hash: String
    var plan: Plan

    init(_ plan: Plan) {
        self.plan = plan
        hash = plan.digest
    }

    /// Reads a plan file; throws when it is no plan, of another format, or was changed by hand.
    static func read(_ path: String) throws -> Plan {
        let bytes = try FileReader.bytes(of: path, what: "the plan")
        let file: PlanFile
        do { file = try JSONDecoder().decode(PlanFile.self, from: Data(bytes)) } catch {
            throw CommandFailure(
                .usage, code: "invalid-plan", "\(path) is no plan of `changeover plan --out`; make it anew")
        }
        guard file.plan.format == Plan.currentFormat else {
            throw CommandFailure(
                .usage, code: "invalid-plan",
                "\(path) has plan format \(file.plan.format), this program reads \(Plan.currentFormat); make it anew")
        }
        guard file.plan.digest == file.hash else {
            throw CommandFailure(
                .refused, code: "plan-changed",
                "\(path) was changed after it was made: its hash is not that of its content; make it anew")
        }
        return file.plan
    }

    /// Writes the plan, as a whole or not at all.
    func write(to path: String) throws {
        do {
            try Data((CanonicalJSON.text(of: self, pretty: true) + "\n").utf8)
                .write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw CommandFailure(
                .refused, code: "cannot-write", "the plan cannot be written to \(path): \(error.localizedDescription)")
        }
    }
}
