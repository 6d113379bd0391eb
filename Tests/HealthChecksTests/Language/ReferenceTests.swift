import Foundation
import Testing

@testable import HealthChecks

@Suite struct ReferenceTests {
    @Test func committedReferenceIsTheModels() throws {
        let path = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("../../../docs/health-checks-reference.md").standardized
        let committed = String(decoding: try Data(contentsOf: path), as: UTF8.self)
        if committed != CheckFile.referenceText, let place = ProcessInfo.processInfo.environment["REFERENCE_OUT"] {
            try Data(CheckFile.referenceText.utf8).write(to: URL(fileURLWithPath: place))
        }
        #expect(
            committed == CheckFile.referenceText,
            "write it anew: changeover check docs > docs/health-checks-reference.md")
    }

    @Test func everyKeyOfTheLanguageIsInTheReference() {
        let text = CheckFile.referenceText
        for word in ["`requests`", "`extends`", "`quantile`", "`waivers`", "`onNoData`", "verify: false", "`any`"] {
            #expect(text.contains(word), "\(word)")
        }
        #expect(!text.contains("%found") && !text.contains("%subject"))
    }
}
