import Testing

@testable import HealthChecks

@Suite struct DNSMessageTests {
    static func question(_ name: String = "www.example.org", _ type: DNSRecordType = .a) throws -> DNSQuestion {
        DNSQuestion(id: 0x1234, name: try #require(DNSName(text: name)), type: type, wantsRecursion: true)
    }

    private func answer(
        _ reply: DNSReply, _ question: DNSQuestion? = nil
    ) throws -> DNSAnswer {
        let question = try question ?? Self.question()
        return try DNSMessageReader.answer(reply.message(to: question.message), to: question)
    }

    @Test func questionIsWhatTheStandardSays() throws {
        let expected: [UInt8] =
            [0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0, 3] + Array("www".utf8) + [7] + Array("example".utf8)
            + [3] + Array("org".utf8) + [0, 0, 1, 0, 1]
        #expect(try Self.question("WWW.Example.org.").message == expected)
        var quiet = try Self.question(".", .ns)
        quiet.wantsRecursion = false
        #expect(quiet.message == [0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1])
        #expect(quiet.streamMessage.prefix(2) == [0, 17])
    }

    @Test func everyTypeIsDecoded() throws {
        let mail = DNSReply.name("mail.example.org")
        let cases: [(type: DNSRecordType, data: [UInt8], value: String)] = [
            (.a, [192, 0, 2, 1], "192.0.2.1"),
            (.aaaa, [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1], "2001:db8::1"),
            (.cname, mail, "mail.example.org"), (.ns, mail, "mail.example.org"), (.ptr, mail, "mail.example.org"),
            (.mx, [0, 10] + mail, "10 mail.example.org"),
            (.srv, [0, 1, 0, 2, 0x13, 0xC4] + mail, "1 2 5060 mail.example.org"),
            (.txt, [2, 0x61, 0x62, 1, 0x63], "abc"), (.txt, [0], ""),
            // A compressed name: "mail" and a pointer to the question's name.
            (.mx, [0, 10, 4] + Array("mail".utf8) + [0xC0, 12], "10 mail.www.example.org"),
        ]
        for example in cases {
            let question = try Self.question("www.example.org", example.type)
            let records = [DNSReply.Record(type: example.type.number, data: example.data)]
            let answer = try answer(DNSReply(records: records), question)
            let name = question.name
            if example.type != .cname { #expect(answer.values(of: example.type, for: name) == [example.value]) }
            #expect(answer.records.map(\.value) == [example.value])
            #expect(example.type.canonical(example.value) == example.value)
        }
    }

    @Test func unknownTypesArePassedOver() throws {
        let records = [DNSReply.Record(type: 46, data: [1, 2, 3]), DNSReply.a(192, 0, 2, 1)]
        let answer = try answer(DNSReply(records: records))
        #expect(answer.values(of: .a, for: try Self.question().name) == ["192.0.2.1"])
    }

    @Test func aliasesAreFollowedAndStrangersAreNot() throws {
        let other = DNSReply.name("other.example.org")
        let records: [DNSReply.Record] = [
            DNSReply.alias(to: "other.example.org"), .init(type: 1, data: [192, 0, 2, 2], owner: other),
            .init(type: 1, data: [192, 0, 2, 3], owner: DNSReply.name("stranger.example.org")),
        ]
        let question = try Self.question()
        #expect(try answer(DNSReply(records: records)).values(of: .a, for: question.name) == ["192.0.2.2"])
        let loop = [DNSReply.alias(to: "other.example.org"), DNSReply.alias(other, to: "www.example.org")]
        #expect(try answer(DNSReply(records: loop)).values(of: .a, for: question.name) == [])
    }

    /// What must be refused, as changes of a good answer whose record starts at offset 33.
    static let lies: [(name: String, change: @Sendable (inout [UInt8]) -> Void)] = [
        ("a pointer to itself", { $0[34] = 33 }),
        ("a pointer forwards", { $0[34] = 40 }),
        ("a pointer beyond the end", { ($0[33], $0[34]) = (0xFF, 0xFF) }),
        ("a label of a reserved kind", { $0[33] = 0x80 }),
        ("a record longer than the message", { $0[43] = 0xFF }),
        ("a record shorter than its type", { $0[44] = 3 }),
        ("more records than there are", { $0[7] = 9 }),
        ("an end within the header", { $0.removeLast($0.count - 11) }),
        ("an end within the record", { $0.removeLast() }),
        ("another number", { $0[0] ^= 1 }),
        ("a question", { $0[2] &= 0x7F }),
        ("another kind of query", { $0[2] |= 0x08 }),
        ("another name", { $0[13] ^= 1 }),
        ("another type", { $0[30] = 2 }),
        ("two questions", { $0[5] = 2 }),
        ("no question in a good answer", { $0[5] = 0 }),
        ("nothing", { $0 = [] }),
    ]

    @Test(arguments: lies.indices) func lieIsRefused(_ index: Int) throws {
        let question = try Self.question()
        let good = DNSReply(records: [DNSReply.a(192, 0, 2, 1)]).message(to: question.message)
        #expect(good.count == 49)
        #expect(try DNSMessageReader.answer(good, to: question).records.count == 1)
        var bad = good
        Self.lies[index].change(&bad)
        #expect(throws: DNSMessageError.self, "\(Self.lies[index].name)") {
            try DNSMessageReader.answer(bad, to: question)
        }
    }

    @Test func namesThatPointInCirclesEnd() throws {
        // Two labels, each followed by a pointer to the other one.
        let question = try Self.question()
        var bytes = DNSReply(records: [DNSReply.a(1, 2, 3, 4)]).message(to: question.message)
        bytes.replaceSubrange(33..<35, with: [1, 0x61, 0xC0, 37, 1, 0x62, 0xC0, 33])
        #expect(throws: DNSMessageError.self) { try DNSMessageReader.answer(bytes, to: question) }
    }

    @Test func longNameByPointersIsRefused() throws {
        // Every record's name is one label of 63 bytes before the name of the record before it.
        let question = try Self.question()
        let label = [63] + [UInt8](repeating: 0x61, count: 63)
        let records = [
            DNSReply.Record(type: 1, data: [1, 2, 3, 4], owner: label + label + label + [0xC0, 12]),
            DNSReply.Record(type: 1, data: [1, 2, 3, 4], owner: label + [0xC0, 33]),
        ]
        #expect(throws: DNSMessageError("a name is too long")) { try answer(DNSReply(records: records), question) }
        let fitting = DNSReply(records: Array(records.prefix(1)))
        #expect(try answer(fitting, question).records.count == 1)
    }

    @Test func serversMayRefuseWithoutRepeatingTheQuestion() throws {
        let question = try Self.question()
        let bytes: [UInt8] = [0x12, 0x34, 0x80, 0x05, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(try DNSMessageReader.answer(bytes, to: question).responseCode.description == "REFUSED")
    }

    @Test func truncatedAnswersNeedNotBeWhole() throws {
        let reply = DNSReply(isTruncated: true, records: [DNSReply.a(192, 0, 2, 1)]) { $0.removeLast(3) }
        let answer = try answer(reply)
        #expect(answer.isTruncated && answer.records.isEmpty)
    }

    /// Random changes of a rich answer: an answer or an error, and no more records than bytes allow.
    @Test func randomChangesDoNoHarm() throws {
        let question = try Self.question("www.example.org", .mx)
        let records = [
            DNSReply.Record(type: 15, data: [0, 10, 4] + Array("mail".utf8) + [0xC0, 12]), DNSReply.txt("a", "bc"),
            DNSReply.alias(to: "other.example.org"), DNSReply.a(192, 0, 2, 1),
        ]
        let good = DNSReply(records: records).message(to: question.message)
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        var (answers, errors) = (0, 0)
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0...random(4) { bytes[random(bytes.count - 12) + 12] = UInt8(random(256)) }
            if random(4) == 0 { bytes.removeLast(random(bytes.count)) }
            if let answer = try? DNSMessageReader.answer(bytes, to: question) {
                answers += 1
                #expect(answer.records.count <= bytes.count / 11)
            } else {
                errors += 1
            }
        }
        #expect(answers > 100 && errors > 100)
    }

    @Test func names() {
        #expect(DNSName(text: "a..b") == nil && DNSName(text: "") == nil && DNSName(text: "ä.example") == nil)
        #expect(DNSName(text: String(repeating: "a", count: 64)) == nil)
        let long = String(repeating: String(repeating: "a", count: 63) + ".", count: 3)
        #expect(DNSName(text: long + String(repeating: "a", count: 61)) != nil)
        #expect(DNSName(text: long + String(repeating: "a", count: 62)) == nil)
        #expect(DNSName(text: "Example.ORG.") == DNSName(text: "example.org"))
        #expect(DNSName(text: ".")?.bytes == [0])
        #expect(DNSName(labels: [[0x61, 0x2E], [0x00]])?.description == "a\\..\\000")
        #expect(DNSName(reverseOf: "192.0.2.1")?.description == "1.2.0.192.in-addr.arpa")
        let reverse = DNSName(reverseOf: "2001:db8::567:89ab")?.description
        // The example of RFC 3596, section 2.5, with another prefix.
        #expect(reverse == "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")
        #expect(DNSName(reverseOf: "example.org") == nil)
    }

    @Test func expectedValuesHaveOneForm() {
        #expect(DNSRecordType.aaaa.canonical("2001:DB8:0:0::1") == "2001:db8::1")
        #expect(DNSRecordType.a.canonical("2001:db8::1") == nil)
        #expect(DNSRecordType.mx.canonical("10  Mail.Example.org.") == "10 mail.example.org")
        #expect(DNSRecordType.mx.canonical("mail.example.org") == nil)
        #expect(DNSRecordType.srv.canonical("0 5 70000 a.b") == nil)
        #expect(DNSRecordType.txt.canonical("A  b") == "A  b")
    }
}
