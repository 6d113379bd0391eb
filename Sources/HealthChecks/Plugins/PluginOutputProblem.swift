/// Something malformed in a plugin's output, and where it stands.
public struct PluginOutputProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The line of the output, from 1.
    public var line: Int
    /// The byte inside of the line, from 1; for texts without other characters than ASCII this is the column.
    public var column: Int
    /// What is wrong, in words.
    public var problem: String

    /// Creates a problem.
    public init(line: Int, column: Int, problem: String) {
        self.line = line
        self.column = column
        self.problem = problem
    }

    /// The place and the problem.
    public var description: String { "\(line):\(column): \(problem)" }
}
