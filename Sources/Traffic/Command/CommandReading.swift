import Foundation
import Workflow

/// Runs the operator's program for one action; shared by the observer and the router.
struct CommandReading: Sendable {
    private static let outputLimitBytes = 1 << 20
    private static let lineLimit = 300

    let route: CommandRoute
    let router: RouterName
    let runner: any CommandRunner

    /// What the program reads from standard input.
    struct Request: Encodable {
        var action: String
        var address: String?
        var instance: String?
        var route: String
    }

    func members() async throws(TrafficError) -> [TrafficMember] {
        let result = try await run("members", instance: nil, address: nil)
        guard result.termination == .exited(0) else { throw failure(result, action: "members", code: .unavailable) }
        guard !result.isTruncated else {
            throw TrafficError(
                .malformedAnswer, router: router, detail: "`members` printed more than \(Self.outputLimitBytes) bytes")
        }
        do {
            return try JSONDecoder().decode([StrictMember].self, from: Data(result.output.utf8)).map(\.member)
        } catch {
            throw TrafficError(
                .malformedAnswer, router: router,
                detail:
                    "`members` must print a JSON array of objects with name, address, status (inService, "
                    + "unhealthy, draining or disabled) and perhaps openSessions: \(Self.words(error))")
        }
    }

    func run(_ action: String, instance: InstanceID?, address: String?) async throws(TrafficError) -> CommandResult {
        guard !route.command.isEmpty else {
            throw TrafficError(.invalidRequest, router: router, detail: "the route names no program")
        }
        let request = Request(action: action, address: address, instance: instance?.rawValue, route: route.name)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let input = (try? encoder.encode(request)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        do {
            return try await runner.run(
                Command(
                    route.command + [action], input: input + "\n", timeout: route.timeout,
                    outputLimitBytes: Self.outputLimitBytes))
        } catch {
            throw TrafficError(Self.code(error.code), router: router, detail: error.detail)
        }
    }

    private static func code(_ code: CommandError.Code) -> TrafficError.Code {
        switch code {
        case .unreachable: .unavailable
        case .notFound: .notFound
        case .notPermitted: .invalidRequest
        case .cancelled: .cancelled
        }
    }

    /// The error of a program that did not exit with 0; `code` when it exited otherwise.
    func failure(_ result: CommandResult, action: String, code: TrafficError.Code) -> TrafficError {
        let said = Self.lastLine(result.errorOutput)
        switch result.termination {
        case .exited(let status):
            return TrafficError(
                code, router: router,
                detail: "`\(action)` exited with \(status)" + (said.isEmpty ? "" : ": \(said)"))
        case .signalled(let signal):
            return TrafficError(.unavailable, router: router, detail: "`\(action)` was ended by signal \(signal)")
        case .timedOut:
            return TrafficError(
                .unavailable, router: router, detail: "`\(action)` did not end within \(route.timeout.text)")
        }
    }

    private static func lastLine(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) } ?? ""
        let printable = line.prefix(lineLimit).unicodeScalars.map { scalar in
            scalar.value < 32 || (127..<160).contains(scalar.value) ? "?" : String(scalar)
        }
        return printable.joined()
    }

    private static func words(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "unreadable" }
        switch error {
        case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context),
            .keyNotFound(_, let context):
            let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
            return (path.isEmpty ? "" : "\(path): ") + String(context.debugDescription.prefix(lineLimit))
        @unknown default:
            return "unreadable"
        }
    }
}

/// A member as the program prints it: no key may be missing but `openSessions`, and none may be unknown.
struct StrictMember: Decodable {
    let member: TrafficMember

    private enum Key: String, CodingKey, CaseIterable {
        case name, address, status, openSessions
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        let intValue: Int? = nil

        init(stringValue: String) {
            self.stringValue = stringValue
        }

        init?(intValue: Int) {
            return nil
        }
    }

    init(from decoder: any Decoder) throws {
        let all = try decoder.container(keyedBy: AnyKey.self)
        if let unknown = all.allKeys.first(where: { Key(stringValue: $0.stringValue) == nil }) {
            throw DecodingError.dataCorruptedError(
                forKey: unknown, in: all, debugDescription: "unknown key")
        }
        let fields = try decoder.container(keyedBy: Key.self)
        let sessions = try fields.decodeIfPresent(Int.self, forKey: .openSessions)
        guard sessions ?? 0 >= 0 else {
            throw DecodingError.dataCorruptedError(
                forKey: .openSessions, in: fields, debugDescription: "less than zero")
        }
        member = TrafficMember(
            name: try fields.decode(String.self, forKey: .name),
            address: try fields.decode(String.self, forKey: .address),
            status: try fields.decode(TrafficMember.Status.self, forKey: .status), openSessions: sessions)
    }
}
