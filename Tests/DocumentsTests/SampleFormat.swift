import Documents
import Workflow

/// A small language with one key of every kind.
enum SampleFormat {
    enum Colour: String, Sendable, CaseIterable {
        case red
        case green
    }

    struct Sample: Sendable, Equatable {
        var name: String?
        var port: Int?
        var ratio: Double?
        var isOn: Bool?
        var interval: Span?
        var share: Double?
        var colour: Colour?
        var words: [String]?
        var tags: [String: String]?
        var target: String?
        var image: String?
        var token: SecretReference?
    }

    static let name = DocumentKey("name", DocumentFormat<String>.text, isRequired: true, summary: "A name.")
    static let port = DocumentKey("port", .integer(in: 1...65535), summary: "A port.")
    static let ratio = DocumentKey("ratio", .number(in: 0...1), summary: "A ratio.")
    static let isOn = DocumentKey("on", DocumentFormat<Bool>.boolean, summary: "A switch.")
    static let interval = DocumentKey("interval", .span(in: .milliseconds(100)...(.hours(1))), summary: "A span.")
    static let share = DocumentKey("share", .percent(), summary: "A percentage.")
    static let colour = DocumentKey("colour", DocumentFormat<Colour>.choice, summary: "A colour.")
    static let words = DocumentKey("words", .list(of: .text), summary: "Words.")
    static let tags = DocumentKey("tags", .dictionary(of: .text), summary: "Tags.")
    static let token = DocumentKey("token", DocumentFormat<SecretReference>.secretReference, summary: "A secret.")
    static let targets = [
        DocumentKey("http", DocumentFormat<String>.text.map { "http " + $0 }, summary: "One."),
        DocumentKey("tcp", DocumentFormat<String>.text.map { "tcp " + $0 }, summary: "Other."),
    ]
    static let image = DocumentKey(
        "image",
        .either(
            text: .constant("same"),
            mapping: .object(
                "image", keys: [DocumentKey("id", DocumentFormat<String>.text, summary: "An id.").shape]
            ) { $0[DocumentKey("id", DocumentFormat<String>.text, summary: "An id.")] }), summary: "An image.")

    static let target = DocumentKey(
        "target",
        .object("target", keys: targets.map(\.shape), exactlyOneOf: targets.map(\.name)) { $0.exactlyOne(of: targets) },
        summary: "A target.")

    static let sample = DocumentFormat<Sample>.object(
        "sample",
        keys: [
            name.shape, port.shape, ratio.shape, isOn.shape, interval.shape, share.shape, colour.shape, words.shape,
            tags.shape, target.shape, image.shape, token.shape,
        ]
    ) { object in
        Sample(
            name: object[name], port: object[port], ratio: object[ratio], isOn: object[isOn],
            interval: object[interval], share: object[share], colour: object[colour], words: object[words],
            tags: object[tags], target: object[target], image: object[image], token: object[token])
    }

    /// Every mistake in `text`, each as `line:column code`, and their suggestions.
    static func errors(in text: String) -> [DocumentError] {
        do throws(DocumentErrors) {
            _ = try sample.decode(DocumentParser.parse(text: text, path: "sample.yaml"))
            return []
        } catch {
            return error.errors
        }
    }
}
