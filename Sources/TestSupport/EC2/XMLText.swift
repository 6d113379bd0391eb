/// Writes the XML of answers.
enum XMLText {
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }

    /// An element with a text; nothing when there is no text.
    static func element(_ name: String, _ text: String?) -> String {
        text.map { "<\(name)>\(escaped($0))</\(name)>" } ?? ""
    }

    /// An element around XML.
    static func around(_ name: String, _ content: String) -> String {
        "<\(name)>\(content)</\(name)>"
    }

    /// A list, in the words of a service: EC2 calls its entries `item`, the load balancers `member`.
    static func list(_ name: String, _ entries: [String], of entry: String = "item") -> String {
        around(name, entries.map { around(entry, $0) }.joined())
    }
}
