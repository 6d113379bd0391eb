import Documents
import Testing
import Workflow

@Suite struct DocumentReadingTests {
    static let wrong: [(text: String, place: String, suggestion: String?)] = [
        ("[]", "1:1 wrong-type", nil),
        ("{}", "1:1 missing-key", "add \"name:\" with a text"),
        ("name:\n", "1:6 wrong-type", nil),
        ("name: ~\n", "1:7 wrong-type", nil),
        ("name: \"\"\n", "1:7 empty", nil),
        ("name: [a]\n", "1:7 wrong-type", nil),
        ("name: a\nprot: 1\n", "2:1 unknown-key", "did you mean \"port\"?"),
        ("name: a\nintervall: 1s\n", "2:1 unknown-key", "did you mean \"interval\"?"),
        ("name: a\nPORT: 1\n", "2:1 unknown-key", "did you mean \"port\"?"),
        (
            "name: a\nzzzzzz: 1\n", "2:1 unknown-key",
            "valid here: name, port, ratio, on, interval, share, colour, words, tags, target, image, token"
        ),
        ("name: a\nport: 0\n", "2:7 out-of-range", nil),
        ("name: a\nport: 65536\n", "2:7 out-of-range", nil),
        ("name: a\nport: 99999999999999999999\n", "2:7 out-of-range", nil),
        ("name: a\nport: eighty\n", "2:7 wrong-type", nil),
        ("name: a\nport: \"80\"\n", "2:7 wrong-type", "remove the quotes"),
        ("name: a\nport: 0x50\n", "2:7 wrong-type", nil),
        ("name: a\nport: 080\n", "2:7 wrong-type", nil),
        ("name: a\nport: 8_0\n", "2:7 wrong-type", nil),
        ("name: a\nport: 80.0\n", "2:7 wrong-type", nil),
        ("name: a\nratio: .5\n", "2:8 wrong-type", nil),
        ("name: a\nratio: .inf\n", "2:8 wrong-type", nil),
        ("name: a\nratio: 1.5\n", "2:8 out-of-range", nil),
        ("name: a\non: yes\n", "2:5 wrong-type", "write true"),
        ("name: a\non: Off\n", "2:5 wrong-type", "write false"),
        ("name: a\non: ture\n", "2:5 wrong-type", "write true"),
        ("name: a\non: 'true'\n", "2:5 wrong-type", "remove the quotes"),
        ("name: a\ninterval: 10\n", "2:11 wrong-unit", "write for example 10s"),
        ("name: a\ninterval: 10sec\n", "2:11 wrong-unit", "the units are ms, s, m, h and d"),
        ("name: a\ninterval: 10 s\n", "2:11 wrong-unit", "the units are ms, s, m, h and d"),
        ("name: a\ninterval: 1.5s\n", "2:11 wrong-unit", "the units are ms, s, m, h and d"),
        ("name: a\ninterval: -1s\n", "2:11 wrong-unit", "the units are ms, s, m, h and d"),
        ("name: a\ninterval: 99ms\n", "2:11 out-of-range", nil),
        ("name: a\ninterval: 2h\n", "2:11 out-of-range", nil),
        ("name: a\nshare: 10\n", "2:8 wrong-unit", "write 10%"),
        ("name: a\nshare: 101%\n", "2:8 out-of-range", nil),
        ("name: a\ncolour: gren\n", "2:9 unknown-value", "did you mean \"green\"?"),
        ("name: a\ncolour: violet\n", "2:9 unknown-value", nil),
        ("name: a\nwords: []\n", "2:8 empty", nil),
        ("name: a\nwords: one\n", "2:8 wrong-type", "write it as a list: one line with \"- \" each"),
        ("name: a\nwords: [a, [b], c, {}]\n", "2:12 wrong-type,2:20 wrong-type", nil),
        ("name: a\ntags: {a: [], b: c}\n", "2:11 wrong-type", nil),
        ("name: a\ntarget: {}\n", "2:9 missing-key", nil),
        ("name: a\ntarget: {http: a, tcp: b}\n", "2:19 conflicting-keys", nil),
        ("name: a\nimage: sane\n", "2:8 unknown-value", "did you mean \"same\"?"),
        ("name: a\nimage: [a]\n", "2:8 wrong-type", nil),
        ("name: a\nimage: {di: a}\n", "2:9 unknown-key", "did you mean \"id\"?"),
        ("name: a\ntoken: hunter2\n", "2:8 invalid", "write ${env:NAME} or ${file:PATH}"),
        ("name: a\ntoken: ${env:A B}\n", "2:8 invalid", "write ${env:NAME} or ${file:PATH}"),
    ]

    @Test(arguments: wrong) func wrongValue(_ example: (text: String, place: String, suggestion: String?)) {
        let errors = SampleFormat.errors(in: example.text)
        let places = errors.map { "\($0.line):\($0.column) \($0.code.rawValue)" }.joined(separator: ",")
        #expect(places == example.place)
        #expect(errors.first?.suggestion == example.suggestion)
    }

    @Test func everyMistakeInOnePass() {
        let errors = SampleFormat.errors(in: "prot: 1\non: yes\ninterval: 5\nwords: [a, {}]\n")
        #expect(errors.map(\.code) == [.unknownKey, .missingKey, .wrongType, .wrongUnit, .wrongType])
        #expect(errors.map(\.keyPath) == ["", "", "on", "interval", "words[1]"])
    }

    @Test func secretIsNotRepeatedInMessages() {
        let errors = SampleFormat.errors(in: "name: a\ntoken: hunter2\n")
        #expect(!errors.contains { $0.description.contains("hunter2") })
    }

    @Test func everythingRight() throws {
        let text = """
            name: 1.10
            port: 80
            ratio: 0.5
            on: true
            interval: 250ms
            share: 0.5%
            colour: green
            words: [yes, "no"]
            tags: {role: web}
            target: {tcp: db}
            image: {id: i-1}
            token: ${env:TOKEN}
            """
        let sample = try SampleFormat.sample.decode(DocumentParser.parse(text: text, path: "f"))
        let expected = SampleFormat.Sample(
            name: "1.10", port: 80, ratio: 0.5, isOn: true, interval: .milliseconds(250), share: 0.5, colour: .green,
            words: ["yes", "no"], tags: ["role": "web"], target: "tcp db", image: "i-1", token: .environment("TOKEN"))
        #expect(sample == expected)
    }
}
