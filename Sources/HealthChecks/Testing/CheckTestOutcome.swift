public import Workflow

/// What became of one case of a test file.
public struct CheckTestOutcome: Sendable, Hashable, Codable {
    /// The test file's path.
    public var file: String
    /// The case's name.
    public var name: String
    /// What was not as expected, one sentence each; empty when the case passed.
    public var problems: [String]
    /// What came of the checks.
    public var assessment: HealthAssessment
}
