import Testing

@Suite("The tree keeps the rules that the compiler cannot check")
struct TidyTests {
    private func sources() throws -> [SourceFile] {
        try #require(SourceTree.sources.count > 50)
        return SourceTree.sources
    }

    private func everything() throws -> [SourceFile] {
        try #require(SourceTree.tests.count > 20)
        return try sources() + SourceTree.tests
    }

    private func expectNone(_ problems: [String]) {
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }

    @Test("Targets import what the architecture lets them")
    func imports() throws {
        expectNone(try sources().flatMap(ImportRule.problems))
    }

    @Test("Every folder of Sources is a target of the architecture")
    func folders() throws {
        expectNone(ImportRule.unknownFolders(try SourceTree.folders(below: "Sources")))
    }

    @Test("Banned calls are not made", arguments: CallRule.all.indices)
    func calls(_ index: Int) throws {
        expectNone(try sources().flatMap(CallRule.all[index].problems))
    }

    @Test("Tests use no try! either")
    func testCalls() throws {
        let rules = CallRule.all.filter { $0.pattern == "try!" }
        #expect(rules.count == 1)
        expectNone(SourceTree.tests.flatMap { file in rules.flatMap { $0.problems(in: file) } })
    }

    @Test("Files fit")
    func fileLength() throws {
        expectNone(try everything().flatMap(LengthRule.fileProblems))
    }

    @Test("Functions fit a screen")
    func functionLength() throws {
        expectNone(try everything().flatMap(LengthRule.functionProblems))
    }

    @Test("Nothing is called Utils")
    func names() throws {
        expectNone(try everything().flatMap(LengthRule.nameProblems))
    }
}
