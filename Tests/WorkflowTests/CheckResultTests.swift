import Foundation
import Testing
import Workflow

@Suite("Results of checks in journals") struct CheckResultTests {
    @Test("Results from before there were comparisons still decode, and are written as before")
    func old() throws {
        let text = """
            {"check":"web/http","isEnforced":true,"measurementCount":3,"reason":"said pass","verdict":"pass"}
            """
        let result = try JSONDecoder().decode(CheckResult.self, from: Data(text.utf8))
        #expect(result.comparison == nil)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        #expect(String(decoding: try encoder.encode(result), as: UTF8.self) == text)
    }

    @Test("The figures of a comparison come back; what could not be computed stays absent")
    func figures() throws {
        let side = ComparisonFigures.Side(
            probes: 200, errors: 200, medianMilliseconds: nil, tailQuantileMilliseconds: nil, tailMeanMilliseconds: nil,
            slowAnswers: nil)
        let finding = ComparisonFigures.Finding(
            measure: "errors", effect: 1, limit: 0.005, pValue: 1e-60, adjustedPValue: 2e-60, isSignificant: true,
            isRelevant: true)
        let figures = ComparisonFigures(
            level: 0.004, original: side, replacement: side, tailQuantile: 0.95, tailThresholdMilliseconds: nil,
            slowerProbability: nil, findings: [finding])
        let data = try JSONEncoder().encode(figures)
        #expect(try JSONDecoder().decode(ComparisonFigures.self, from: data) == figures)
        #expect(!String(decoding: data, as: UTF8.self).contains("null"))
    }
}
