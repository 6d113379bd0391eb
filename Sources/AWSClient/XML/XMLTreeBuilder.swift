/// Collects what the parser reports into elements.
///
/// A value in one box, so that every callback is one access to it and not one for each property.
struct XMLTreeBuilder {
    /// What the callbacks are given the address of.
    final class Box {
        var builder: XMLTreeBuilder
        init(_ builder: XMLTreeBuilder) { self.builder = builder }
    }

    private struct Frame {
        var name: String
        /// Where its children begin in `done`.
        var start: Int
        /// How many names of the path this element and those above it match; `nil` off the path.
        var matched: Int?
    }

    private struct KnownName {
        var address: UnsafePointer<UInt8>
        var name: String
    }

    let limits: XMLLimits
    private let path: [String]
    private let take: (AWSElement) throws(AWSError) -> Void
    private var frames: [Frame] = []
    /// The children so far of all open elements, so that each element's array is made once and in its final size.
    private var done: [AWSElement] = []
    private var pending: [UInt8] = []
    /// Names seen before, at a place given by the address of libxml2's own copy, which stays until the parser is freed.
    private var names: [KnownName?] = Array(repeating: nil, count: 512)

    private(set) var root: AWSElement?
    private(set) var failure: XMLFailure?
    /// Whether there is a failure; cheaper to ask.
    private var isStopped = false
    private(set) var taken = 0
    var stop: () -> Void = {}

    init(path: [String], limits: XMLLimits, take: @escaping (AWSElement) throws(AWSError) -> Void) {
        self.path = path
        self.limits = limits
        self.take = take
    }

    /// The box that a callback was given the address of.
    static func of(_ user: UnsafeMutableRawPointer) -> Box {
        Unmanaged<Box>.fromOpaque(user).takeUnretainedValue()
    }

    mutating func fail(_ reason: XMLFailure) {
        guard !isStopped else { return }
        isStopped = true
        failure = reason
        stop()
    }

    mutating func start(_ raw: UnsafePointer<UInt8>) {
        guard !isStopped else { return }
        guard frames.count < limits.depth else { return fail(.refused("it is nested deeper than \(limits.depth)")) }
        guard let name = name(raw) else { return fail(.refused("a name is longer than \(limits.nameBytes) bytes")) }
        pending.removeAll(keepingCapacity: true)
        frames.append(Frame(name: name, start: done.count, matched: matched(name)))
    }

    mutating func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard !isStopped else { return }
        guard pending.count + bytes.count <= limits.textBytes else {
            return fail(.refused("a text is longer than \(limits.textBytes) bytes"))
        }
        pending.append(contentsOf: bytes)
    }

    mutating func end() {
        guard !isStopped, !frames.isEmpty else { return }
        let frame = frames.removeLast()
        let element: AWSElement
        if done.count == frame.start {
            element = AWSElement(name: frame.name, text: String(decoding: pending, as: UTF8.self))
        } else {
            element = AWSElement(name: frame.name, children: Array(done[frame.start...]))
            done.removeLast(done.count - frame.start)
        }
        pending.removeAll(keepingCapacity: true)
        guard !frames.isEmpty else { return root = element }
        guard !path.isEmpty, frame.matched == path.count else { return done.append(element) }
        taken += 1
        do throws(AWSError) {
            try take(element)
        } catch {
            fail(.taker(error))
        }
    }

    private mutating func name(_ raw: UnsafePointer<UInt8>) -> String? {
        let address = UInt(bitPattern: raw)
        let place = Int((address ^ (address >> 9)) & 511)
        if let known = names[place], known.address == raw { return known.name }
        let name = String(cString: raw)
        guard name.utf8.count <= limits.nameBytes else { return nil }
        names[place] = KnownName(address: raw, name: name)
        return name
    }

    private func matched(_ name: String) -> Int? {
        guard let above = frames.last else { return 0 }
        guard let count = above.matched, count < path.count, path[count] == name else { return nil }
        return count + 1
    }
}
