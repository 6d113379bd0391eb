import LXDClient
import Workflow

/// An exec whose sockets are all connected, upon which the server starts it.
struct LXDExecSockets: Sendable {
    let operation: LXDOperation
    let input: any LXDSocket
    let output: any LXDSocket
    let errorOutput: any LXDSocket
    let control: any LXDSocket

    /// How much input goes into one message.
    private static let messageBytes = 32 * 1024

    /// Asks for an exec and connects its sockets; what was connected is closed again when one fails.
    static func open(
        _ request: LXDValue, on instance: String, by client: any LXDCalling
    ) async throws(LXDError) -> LXDExecSockets {
        let resource = LXDResource("instances", instance, "exec")
        guard let operation = try await client.send(.post, resource, request, version: nil),
            let secrets = Self.secrets(of: operation)
        else {
            throw LXDError(
                .malformedAnswer, request: "POST /1.0/instances/\(instance)/exec", detail: "no operation with sockets")
        }
        var sockets: [any LXDSocket] = []
        do throws(LXDError) {
            for secret in secrets { sockets.append(try await client.socket(of: operation, secret: secret)) }
        } catch {
            for socket in sockets { await socket.close() }
            throw error
        }
        return LXDExecSockets(
            operation: operation, input: sockets[1], output: sockets[2], errorOutput: sockets[3], control: sockets[0])
    }

    /// The secrets of the sockets for control and for standard input, output and error.
    ///
    /// The server waits for the last three only, and lets nobody connect once the command has ended.
    private static func secrets(of operation: LXDOperation) -> [String]? {
        guard case .object(let metadata) = operation.metadata, case .object(let numbers) = metadata["fds"] else {
            return nil
        }
        let secrets = ["control", "0", "1", "2"].compactMap { name -> String? in
            guard case .text(let secret) = numbers[name] else { return nil }
            return secret
        }
        return secrets.count == 4 ? secrets : nil
    }

    /// Sends the command's input and its end; what the command does not read is not sent.
    func write(_ text: String) async {
        let bytes = Array(text.utf8)
        do throws(LXDError) {
            for start in stride(from: 0, to: bytes.count, by: Self.messageBytes) {
                let end = min(start + Self.messageBytes, bytes.count)
                try await input.send(Array(bytes[start..<end]), isText: false)
            }
            // A text message, which is otherwise not used, ends the input.
            try await input.send([], isText: true)
        } catch {
            // The command has ended or the connection is lost, which the other sockets tell.
        }
    }

    /// Takes what comes on the control socket, so that the server's signs of life are answered.
    func watch() async {
        do throws(LXDError) {
            while try await control.receive() != nil {}
        } catch {
            // That it is lost shows on the other sockets.
        }
    }

    /// Has the command's process group ended.
    func end() async {
        // Without a connection nobody can be told; then the command ends by itself once its time is over.
        do throws(LXDError) { try await control.send(LXDExecScript.endingMessage, isText: true) } catch {}
    }

    /// Closes all sockets.
    func close() async {
        for socket in [input, output, errorOutput, control] { await socket.close() }
    }
}
