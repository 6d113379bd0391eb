public import Workflow

/// What providers and routers ask of one LXD or Incus server; `LXDClient` over the network, a script in tests.
///
/// Every method throws `LXDError`, `cancelled` when the surrounding task is cancelled.
public protocol LXDCalling: Sendable {
    /// Where the server is, for messages, such as `at /var/lib/lxd/unix.socket, project default`.
    var location: String { get }

    /// The server's facts, read once.
    func server() async throws(LXDError) -> LXDServer

    /// Reads a resource's metadata.
    func read<Value: Decodable & Sendable>(
        _ resource: LXDResource, as type: Value.Type
    ) async throws(LXDError) -> LXDReading<Value>

    /// Sends a change; returns its operation when the server goes on in the background, `nil` when it is done.
    ///
    /// The request is sent once: what becomes of it when no answer comes is for the caller to find out.
    /// - Parameters:
    ///   - version: the `etag` of a reading; the server refuses the change with `conflict` when it is outdated.
    func send(
        _ method: LXDMethod, _ resource: LXDResource, _ body: LXDValue?, version: String?
    ) async throws(LXDError) -> LXDOperation?

    /// Waits for the end of an operation by long polls; throws what it failed of, or `unavailable` after `limit`.
    @discardableResult
    func finish(_ operation: LXDOperation, within limit: Span) async throws(LXDError) -> LXDOperation

    /// Reads a file of an instance, at most its first `limitBytes`; `nil` where there is none.
    func file(_ path: String, of instance: String, limitBytes: Int) async throws(LXDError) -> [UInt8]?

    /// Writes a file of an instance, with owner root, creating its folder's entry `isFolder` instead where asked.
    func write(_ file: LXDFile, to instance: String) async throws(LXDError)

    /// Reads a text that the server keeps, such as an instance's console, as it is; `nil` where there is none.
    func text(_ resource: LXDResource, limitBytes: Int) async throws(LXDError) -> String?

    /// Connects to one of the web sockets of an operation, such as an exec's.
    func socket(of operation: LXDOperation, secret: String) async throws(LXDError) -> any LXDSocket

    /// Waits before something is tried again; returns at once where nothing else is said.
    func pause(for span: Span) async throws(LXDError)
}

/// A file to write on an instance.
public struct LXDFile: Sendable, Hashable {
    /// Its absolute path.
    public var path: String
    /// Its content; empty for a folder.
    public var content: [UInt8]
    /// Its permission bits, such as `0o755`.
    public var mode: Int
    /// What it is.
    public var kind: Kind

    /// What can be written.
    public enum Kind: String, Sendable, Hashable {
        /// A regular file.
        case file
        /// A folder; its parents must exist.
        case directory
        /// A symbolic link to `content`.
        case symlink
    }

    /// Creates a file.
    public init(_ path: String, content: [UInt8], mode: Int = 0o644, kind: Kind = .file) {
        self.path = path
        self.content = content
        self.mode = mode
        self.kind = kind
    }
}

/// One connected web socket.
public protocol LXDSocket: Sendable {
    /// The next message's bytes, text or binary; `nil` once the peer has closed.
    func receive() async throws(LXDError) -> [UInt8]?
    /// Sends one binary message, or a text message.
    func send(_ bytes: [UInt8], isText: Bool) async throws(LXDError)
    /// Closes the socket; may be called more than once.
    func close() async
}

/// The methods of the API.
public enum LXDMethod: String, Sendable, Hashable {
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
}

/// What a read gave.
public struct LXDReading<Value: Sendable>: Sendable {
    /// The metadata.
    public var value: Value
    /// Its version, for changes that must not overwrite somebody else's; `nil` where the server gives none.
    public var version: String?

    /// Creates a reading.
    public init(value: Value, version: String?) {
        self.value = value
        self.version = version
    }
}
