import Testing

@Suite("The tree keeps the rules that the compiler cannot check")
struct TidyTests {
    private func sources() throws -> [SourceFile] {
        let files = try SourceTree.files(below: "Sources")
        try #require(files.count > 50)
        return files
    }

    private func everything() throws -> [SourceFile] {
        try sources() + SourceTree.files(below: "Tests")
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
        expectNone(try SourceTree.files(below: "Tests").flatMap { file in rules.flatMap { $0.problems(in: file) } })
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
