internal import FoundationEssentials

/// What a service's answer to a failed call says.
struct ErrorAnswer: Equatable {
    var code: String
    var message: String
    var requestID: String?

    private struct JSONBody: Decodable {
        var type: String?
        var code: String?
        var message: String?

        private enum Key: String, CodingKey {
            case type = "__type"
            case code, message
            case capital = "Message"
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            type = try? fields.decodeIfPresent(String.self, forKey: .type)
            code = try? fields.decodeIfPresent(String.self, forKey: .code)
            message =
                (try? fields.decodeIfPresent(String.self, forKey: .message))
                ?? (try? fields.decodeIfPresent(String.self, forKey: .capital))
        }
    }

    private init(code: String, message: String, requestID: String? = nil) {
        self.code = code
        self.message = message
        self.requestID = requestID
    }

    /// Reads `Response/Errors/Error` of EC2 or `ErrorResponse/Error` of the other services; `nil` for anything else.
    init?(xml body: [UInt8]) {
        let parser = XMLTreeParser()
        do throws(XMLFailure) {
            try parser.feed(body)
            let root = try parser.finish()
            let error = root["Errors"]?["Error"] ?? root["Error"] ?? (root.name == "Error" ? root : nil)
            guard let code = error?.text("Code"), !code.isEmpty else { return nil }
            self.init(
                code: code, message: error?.text("Message") ?? "",
                requestID: root.text("RequestID") ?? root.text("RequestId") ?? root.text("requestId"))
        } catch {
            return nil
        }
    }

    /// Reads `__type` or `code`, and `message`; the code may stand behind a namespace and before a URL.
    init?(json body: [UInt8], header: String?) {
        let fields = try? JSONDecoder().decode(JSONBody.self, from: Data(body))
        guard let type = header ?? fields?.type ?? fields?.code else { return nil }
        let plain = type.split(separator: ":").first.map(String.init) ?? ""
        let code = plain.split(separator: "#").last.map(String.init) ?? ""
        guard !code.isEmpty else { return nil }
        self.init(code: code, message: fields?.message ?? "")
    }
}
