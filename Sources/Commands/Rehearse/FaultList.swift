import Providers
import Simulation
import Workflow

/// The faults as the command line names them.
enum FaultList {
    /// One fault as scripts read it.
    struct FaultDocument: Codable {
        var name: String
        var meaning: String
        var usualState: String
        var states: [String]
    }

    /// A line for each fault: its name and what it means.
    static let meanings: [String] = SimulatedFault.allCases.map { "  \($0.rawValue.padded(to: width)) \($0.meaning)" }

    /// Two lines for each fault: what it means, and where it can be let loose.
    static var lines: [String] {
        ["Faults for `changeover rehearse --fault FAULT`; `--fault FAULT@STATE` lets one loose in another state.", ""]
            + documents.flatMap { document in
                let others = document.states.filter { $0 != document.usualState }
                return [
                    "  \(document.name.padded(to: width)) \(document.meaning)",
                    "  \("".padded(to: width)) usually in \(document.usualState)"
                        + (others.isEmpty ? "" : "; also in \(words(others))"),
                ]
            }
    }

    private static func words(_ states: [String]) -> String {
        states.count + 1 == RehearsedFault.allStates.count ? "any other state" : states.joined(separator: ", ")
    }

    static var documents: [FaultDocument] {
        SimulatedFault.allCases.map {
            FaultDocument(
                name: $0.rawValue, meaning: $0.meaning, usualState: RehearsedFault($0, hasTraffic: true).state,
                states: RehearsedFault.states(of: $0))
        }
    }

    /// Reads `FAULT` or `FAULT@STATE`; throws with everything that could have been meant.
    static func fault(_ text: String, hasTraffic: Bool) throws -> RehearsedFault {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let fault = parts.first.flatMap(SimulatedFault.init) else {
            throw CommandFailure(
                .usage, code: "unknown-fault",
                "there is no fault \"\(parts.first ?? "")\"; there are\n" + meanings.joined(separator: "\n"))
        }
        guard parts.count == 2 else { return RehearsedFault(fault, hasTraffic: hasTraffic) }
        guard let rehearsed = RehearsedFault(fault, in: parts[1]) else {
            throw CommandFailure(
                .usage, code: "wrong-state",
                "\(fault.rawValue) cannot be let loose in \"\(parts[1])\"; it can in "
                    + RehearsedFault.states(of: fault).joined(separator: ", "))
        }
        return rehearsed
    }

    private static let width = 21
}
