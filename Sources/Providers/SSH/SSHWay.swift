import Foundation
import Glibc
import Workflow

/// The way to an instance for one call of the client: over the jump hosts, where there are any.
///
/// The client throws away what is said on the way, so it goes to a file, with a report of each host that was reached.
struct SSHWay: Sendable {
    private let call: SSHClientCall
    private let jump: SSHJump?
    private let log: String
    private let marker: String

    /// The value of `ProxyCommand`; `nil` when the instance is reached directly.
    let proxyCommand: String?

    /// Prepares the way; throws when the jump host cannot be read, or no file can be made.
    init(_ call: SSHClientCall, _ connections: SSHConnections) throws(CommandError) {
        self.call = call
        marker = "changeover-\(UUID().uuidString)"
        guard let text = call.settings.jumpHost else {
            (jump, log, proxyCommand) = (nil, "", nil)
            return
        }
        guard let jump = SSHJump(text) else {
            throw CommandError(
                .unreachable,
                detail: "the jumpHost \(text) cannot be read; write [user@]host[:port], several with commas")
        }
        do throws(SystemFailure) {
            log = try connections.logFile()
            // Nobody else may read it, and the shell only appends.
            _ = try OwnedDescriptor.open(log, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        } catch {
            throw CommandError(.unreachable, detail: "no file for what the jump host says: \(error)")
        }
        self.jump = jump
        proxyCommand = jump.proxyCommand(options: call.jumpOptions, marker: marker, log: log)
    }

    /// Deletes the file.
    func end() {
        if jump != nil { unlink(log) }
    }

    /// What went wrong, with the host that it went wrong on, from what the client printed.
    func words(for output: String) -> String {
        let direct = SSHFailure(place: .instance(call))
        guard let jump else { return "\(call.host): \(direct.words(for: output))" }
        let said = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
        let reached = jump.hops.indices.last { said.contains("\(marker) jumped \($0)\n") }
        let own = said.components(separatedBy: "\n").filter { !$0.contains(marker) }.joined(separator: "\n")
        let next = reached.map { $0 + 1 } ?? 0
        guard next < jump.hops.count else {
            let through = "\(call.host), through the jump host \(jump.hops[next - 1].host)"
            // What the way said comes first: of the instance itself the client may have heard nothing.
            return "\(through): \(direct.words(for: Self.isSilent(own) ? output : "\(output)\n\(own)"))"
        }
        let hop = jump.hops[next]
        let failure = SSHFailure(place: .jump(hop, identityFile: call.settings.identityFile))
        return "\(call.host): the jump host \(hop.host) cannot be passed: "
            + failure.words(for: Self.isSilent(own) ? output : own)
    }

    private static func isSilent(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
}
