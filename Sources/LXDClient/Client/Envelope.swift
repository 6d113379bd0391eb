internal import CurlTransport
internal import Foundation

/// Reads the JSON that every answer of the API is wrapped in.
enum Envelope {
    /// Bounds how much of an error's body is read.
    static let maxErrorBytes = 64 * 1024

    private struct Kind: Decodable {
        var type: String
    }

    private struct Metadata<Value: Decodable>: Decodable {
        var metadata: Value
    }

    /// What an answer says of a failure.
    struct Failure: Decodable {
        var error: String
        var code: Int?

        private enum CodingKeys: String, CodingKey {
            case error
            case code = "error_code"
        }
    }

    /// The metadata of an answer to a read.
    static func metadata<Value: Decodable>(
        of response: HTTPResponse, as type: Value.Type, request: String
    ) throws(LXDError) -> Value {
        guard try kind(of: response, request: request) == "sync" else {
            throw malformed("the answer to a read is not a plain one", request: request)
        }
        return try decode(Metadata<Value>.self, response, request: request).metadata
    }

    /// Whether an answer says that something failed, whatever its status.
    static func isError(_ response: HTTPResponse) -> Bool {
        (try? JSONDecoder().decode(Kind.self, from: Data(response.body)))?.type == "error"
    }

    /// The operation that a change began; `nil` when it is done.
    static func operation(of response: HTTPResponse, _ call: Call) throws(LXDError) -> LXDOperation? {
        do throws(LXDError) {
            switch try kind(of: response, request: call.label) {
            case "sync": return nil
            case "async": return try decode(Metadata<LXDOperation>.self, response, request: call.label).metadata
            default: throw malformed("the answer is neither plain nor an operation", request: call.label)
            }
        } catch {
            var error = error
            error.isUncertain = true
            throw error
        }
    }

    /// What a refusal says; `nil` when it does not come from the API.
    static func failure(of response: HTTPResponse) -> Failure? {
        try? JSONDecoder().decode(Failure.self, from: Data(response.body))
    }

    static func encode(_ value: LXDValue, request: String) throws(LXDError) -> [UInt8] {
        do {
            return Array(try JSONEncoder().encode(value))
        } catch {
            throw LXDError(.invalidRequest, request: request, detail: "the request cannot be written as JSON")
        }
    }

    private static func kind(of response: HTTPResponse, request: String) throws(LXDError) -> String {
        try decode(Kind.self, response, request: request).type
    }

    private static func decode<Value: Decodable>(
        _ type: Value.Type, _ response: HTTPResponse, request: String
    ) throws(LXDError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(response.body))
        } catch DecodingError.dataCorrupted {
            throw malformed("the answer is not JSON", request: request)
        } catch DecodingError.keyNotFound(let key, _) {
            throw malformed("the answer lacks \(key.stringValue)", request: request)
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            let place = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw malformed("the answer's \(place) is not what it should be", request: request)
        } catch {
            throw malformed("the answer cannot be read", request: request)
        }
    }

    private static func malformed(_ detail: String, request: String) -> LXDError {
        LXDError(.malformedAnswer, request: request, detail: detail)
    }
}
