import Foundation
public import Glibc
import Testing

/// Answers the lookups of test names, so that no test asks a name server.
///
/// The test program's `getaddrinfo` takes the place of the C library's for libcurl too, if the program is linked with
/// `--export-dynamic-symbol=getaddrinfo`. Names under `.invalid` do not
/// exist; lookups of names under `.hang.test` last until they are released; others go to the C library.
final class ResolverDouble: @unchecked Sendable {
    static let shared = ResolverDouble()

    /// Tells whether libcurl finds this program's function; tests that need it are skipped otherwise.
    static var isInPlace: Bool {
        let own: Lookup = resolverDouble
        return dlsym(nil, "getaddrinfo") == unsafeBitCast(own, to: UnsafeMutableRawPointer.self)
    }

    private let condition = NSCondition()
    private var started: [String: AsyncStream<Void>.Continuation] = [:]
    private var released: Set<String> = []

    /// Prepares for a lookup; the stream yields when it has begun.
    func expectLookup(of name: String) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        condition.withLock { started[name] = continuation }
        return stream
    }

    /// Lets the lookups of a name end.
    func release(_ name: String) {
        condition.withLock {
            released.insert(name)
            condition.broadcast()
        }
    }

    /// Blocks the resolver's thread, as a name server that does not answer does.
    fileprivate func hang(_ name: String) {
        condition.withLock {
            started[name]?.yield()
            while !released.contains(name) { condition.wait() }
        }
    }

    fileprivate func note(_ name: String) {
        condition.withLock { _ = started[name]?.yield() }
    }
}

private typealias Lookup =
    @convention(c) (
        UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<addrinfo>?,
        UnsafeMutablePointer<UnsafeMutablePointer<addrinfo>?>?
    ) -> CInt

/// Answers a lookup like `getaddrinfo(3)`.
@_cdecl("getaddrinfo")
public func resolverDouble(
    node: UnsafePointer<CChar>?,
    service: UnsafePointer<CChar>?,
    hints: UnsafePointer<addrinfo>?,
    result: UnsafeMutablePointer<UnsafeMutablePointer<addrinfo>?>?
) -> CInt {
    let name = node.map { String(cString: $0) } ?? ""
    if name.hasSuffix(".hang.test") {
        ResolverDouble.shared.hang(name)
        return EAI_NONAME
    }
    if name.hasSuffix(".invalid") {
        ResolverDouble.shared.note(name)
        return EAI_NONAME
    }
    let next = UnsafeMutableRawPointer(bitPattern: -1)
    guard let symbol = dlsym(next, "getaddrinfo") else { return EAI_SYSTEM }
    return unsafeBitCast(symbol, to: Lookup.self)(node, service, hints, result)
}

extension Trait where Self == ConditionTrait {
    /// Skips a test that would ask a name server if the double is not in place.
    static var needsResolverDouble: Self {
        .enabled("the program is not linked with --export-dynamic-symbol=getaddrinfo") { ResolverDouble.isInPlace }
    }
}
