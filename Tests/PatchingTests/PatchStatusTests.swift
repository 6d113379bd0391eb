import Foundation
import Testing
import Workflow

@Suite struct PatchStatusTests {
    @Test func recordsOfEarlierVersionsStillDecode() throws {
        let text = #"{"auditFindings": [], "held": ["a"], "pending": [], "rebootRequired": false}"#
        let status = try JSONDecoder().decode(PatchStatus.self, from: Data(text.utf8))
        #expect(status == PatchStatus(pending: [], held: ["a"], rebootRequired: false))
        #expect(status.failedUnits == nil && status.gems == nil && status.release == nil)
    }

    @Test func everyPartSurvivesARecord() throws {
        var status = PatchStatus(pending: [], rebootRequired: nil)
        let update = PendingUpdate(package: "a", installed: nil, candidate: "2", isSecurity: true)
        status.heldUpdates = [update]
        status.failedUnits = .read(value: ["a.service"])
        status.staleServices = .unreadable(reason: "x")
        status.cloudInit = .read(value: CloudInitResult(state: .done, errors: ["e"], warnings: ["w"]))
        status.gems = .notApplicable(reason: "y")
        status.release = MachineRelease(name: "Debian 12", supportEnds: "2028-06-30")
        let copy = try JSONDecoder().decode(PatchStatus.self, from: JSONEncoder().encode(status))
        #expect(copy == status)
    }
}
