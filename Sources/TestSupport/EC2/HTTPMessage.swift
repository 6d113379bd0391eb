/// One HTTP/1.1 request as it came over the wire.
public struct HTTPMessage: Sendable, Hashable {
    /// The method, such as `POST`.
    public var method: String
    /// The target as it was sent, path and query.
    public var target: String
    /// The header fields in their order, names as they were sent.
    public var fields: [Field]
    /// The body.
    public var body: [UInt8]

    /// One header field.
    public struct Field: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The value, without white space around it.
        public var value: String

        /// Creates a field.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Creates a request.
    public init(method: String, target: String, fields: [Field] = [], body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
    }

    /// The value of the first field of that name, whatever its case.
    public subscript(name: String) -> String? { Self.value(of: name, in: fields) }

    static func value(of name: String, in fields: [Field]) -> String? {
        let wanted = name.lowercased()
        return fields.first { $0.name.lowercased() == wanted }?.value
    }
}

/// One HTTP/1.1 answer.
public struct HTTPAnswer: Sendable, Hashable {
    /// The status, such as 200.
    public var status: Int
    /// The header fields, without those that frame the body.
    public var fields: [HTTPMessage.Field]
    /// The body.
    public var body: [UInt8]

    /// Creates an answer.
    public init(status: Int, fields: [HTTPMessage.Field] = [], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// Creates an answer with a text.
    public init(_ status: Int, type: String, _ text: String) {
        self.init(status: status, fields: [HTTPMessage.Field("Content-Type", type)], body: Array(text.utf8))
    }

    /// The answer as it goes over the wire.
    var bytes: [UInt8] {
        var head = "HTTP/1.1 \(status) \(status < 400 ? "OK" : "Error")\r\n"
        for field in fields { head += "\(field.name): \(field.value)\r\n" }
        return Array((head + "Content-Length: \(body.count)\r\n\r\n").utf8) + body
    }
}

/// Reads HTTP/1.1 messages off a connection; keeps what was read too far for the next one.
struct HTTPReader {
    private static let limit = 32 << 20
    private static let blank = Array("\r\n\r\n".utf8)

    private let socket: LoopbackSocket
    private var buffer: [UInt8] = []

    init(_ socket: LoopbackSocket) {
        self.socket = socket
    }

    /// The next request; `nil` when the other side is done or sends something that is no request.
    mutating func request() -> HTTPMessage? {
        guard let (line, fields) = head() else { return nil }
        let words = line.split(separator: " ")
        guard words.count == 3 else { return nil }
        if HTTPMessage.value(of: "Expect", in: fields)?.lowercased() == "100-continue" {
            socket.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
        guard let body = body(fields, untilEnd: false) else { return nil }
        return HTTPMessage(method: String(words[0]), target: String(words[1]), fields: fields, body: body)
    }

    /// The answer to a request that was sent; `nil` when none comes.
    mutating func answer() -> HTTPAnswer? {
        guard let (line, fields) = head(),
            let status = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        let framing: Set = ["content-length", "transfer-encoding", "connection"]
        guard let body = body(fields, untilEnd: true) else { return nil }
        return HTTPAnswer(status: status, fields: fields.filter { !framing.contains($0.name.lowercased()) }, body: body)
    }

    private mutating func head() -> (line: String, fields: [HTTPMessage.Field])? {
        var end = Self.end(of: buffer)
        while end == nil {
            guard buffer.count < Self.limit, fill() else { return nil }
            end = Self.end(of: buffer)
        }
        guard let end else { return nil }
        let lines = String(decoding: buffer[..<end], as: UTF8.self).split(separator: "\r\n").map(String.init)
        buffer.removeFirst(end + Self.blank.count)
        guard let first = lines.first else { return nil }
        let fields = lines.dropFirst().compactMap { line -> HTTPMessage.Field? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...]
            let trimmed = value.drop { $0 == " " }
            return HTTPMessage.Field(String(line[..<colon]), String(trimmed))
        }
        return (first, fields)
    }

    private mutating func body(_ fields: [HTTPMessage.Field], untilEnd: Bool) -> [UInt8]? {
        guard let length = HTTPMessage.value(of: "Content-Length", in: fields).flatMap({ Int($0) }) else {
            guard untilEnd else { return [] }
            while buffer.count < Self.limit, fill() {}
            return buffer
        }
        while buffer.count < length {
            guard length <= Self.limit, fill() else { return nil }
        }
        let body = Array(buffer.prefix(length))
        buffer.removeFirst(length)
        return body
    }

    private mutating func fill() -> Bool {
        let part = socket.receive()
        buffer += part
        return !part.isEmpty
    }

    private static func end(of bytes: [UInt8]) -> Int? {
        guard bytes.count >= blank.count else { return nil }
        return (0...bytes.count - blank.count).first { bytes[$0..<$0 + blank.count].elementsEqual(blank) }
    }
}
