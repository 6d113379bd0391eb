import AWSClient
import Foundation
import Workflow

/// Reads consoles, each at most every 15 s: what they show is not newer than that anyway.
final class EC2ConsoleReader: Sendable {
    private static let limitBytes = 256 * 1024

    private let client: any AWSCalling
    private let recent: TimedCache<InstanceID, Result<String, AWSError>>
    /// What was read last, for when a later read is refused or shows nothing.
    private let last = LockedValue<[InstanceID: String]>([:])

    init(client: any AWSCalling, clock: any WorkflowClock) {
        self.client = client
        recent = TimedCache(clock: clock, lifetime: .seconds(15))
    }

    /// The newest 256 KiB of the console.
    func output(of id: InstanceID) async throws(AWSError) -> String {
        if let known = recent.value(for: id) { return try known.get() }
        do {
            let text = try await read(id)
            recent.keep(.success(text), for: id)
            return text
        } catch {
            // A refusal stays one for a while; whoever looks every second shall not ask every second.
            if !error.isRetryable { recent.keep(.failure(error), for: id) }
            throw error
        }
    }

    private func read(_ id: InstanceID) async throws(AWSError) -> String {
        let root: AWSElement
        do {
            root = try await client.query(
                AWSCall(
                    .ec2, "GetConsoleOutput", ["InstanceId": id.rawValue, "Latest": "true"], repetition: .harmless))
        } catch {
            // `Latest` is for Nitro instances only (EC2 API Reference, GetConsoleOutput).
            guard error.kind == .rejected, error.serviceCode?.hasPrefix("Unsupported") == true else { throw error }
            root = try await client.query(
                AWSCall(.ec2, "GetConsoleOutput", ["InstanceId": id.rawValue], repetition: .harmless))
        }
        let encoded = root.text("output") ?? ""
        guard let data = Data(base64Encoded: encoded, options: .ignoreUnknownCharacters) else {
            throw AWSError(
                .malformedAnswer, action: "GetConsoleOutput", detail: "console output that is no Base64",
                isRetryable: true)
        }
        let text = String(decoding: data.suffix(Self.limitBytes), as: UTF8.self)
        return last.withLock { last in
            if !text.isEmpty { last[id] = text }
            if last.count > 256 { last = last.filter { $0.key == id } }
            return last[id] ?? ""
        }
    }
}
