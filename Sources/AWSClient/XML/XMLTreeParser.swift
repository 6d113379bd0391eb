internal import CXML2

/// Builds elements from a document while it arrives, with libxml2's push parser.
///
/// Elements at one path are handed over as they end and are not kept. Document type declarations are refused, so
/// there are no entities to expand but those of XML itself. Use it from one task at a time.
package final class XMLTreeParser {
    private let box: XMLTreeBuilder.Box
    private let context: xmlParserCtxtPtr?
    private var bytes = 0

    /// Creates a parser.
    ///
    /// - Parameters:
    ///   - path: names below the root that lead to the elements to hand over; empty hands over none.
    ///   - take: is given each of them in order.
    package init(
        each path: [String] = [], limits: XMLLimits = XMLLimits(),
        take: @escaping (AWSElement) throws(AWSError) -> Void = { _ in }
    ) {
        box = XMLTreeBuilder.Box(XMLTreeBuilder(path: path, limits: limits, take: take))
        xmlInitParser()
        let start: startElementNsSAX2Func = { user, name, _, _, _, _, _, _, _ in
            guard let user, let name else { return }
            XMLTreeBuilder.of(user).builder.start(name)
        }
        let end: endElementNsSAX2Func = { user, _, _, _ in
            guard let user else { return }
            XMLTreeBuilder.of(user).builder.end()
        }
        let text: charactersSAXFunc = { user, bytes, count in
            guard let user, let bytes else { return }
            XMLTreeBuilder.of(user).builder.text(UnsafeBufferPointer(start: bytes, count: Int(count)))
        }
        let doctype: internalSubsetSAXFunc = { user, _, _, _ in
            guard let user else { return }
            XMLTreeBuilder.of(user).builder.fail(.refused("it declares a document type"))
        }
        // The box lives as long as this object, and the context is freed with it.
        context = changeover_xml_create(Unmanaged.passUnretained(box).toOpaque(), start, end, text, doctype)
        box.builder.stop = { [context] in xmlStopParser(context) }
    }

    deinit {
        if let context { changeover_xml_free(context) }
    }

    /// How many elements have been handed over.
    package var taken: Int { box.builder.taken }

    /// Reads the next part of the document.
    package func feed(_ chunk: [UInt8]) throws(XMLFailure) {
        bytes += chunk.count
        guard bytes <= box.builder.limits.totalBytes else {
            throw .refused("it is larger than \(box.builder.limits.totalBytes) bytes")
        }
        try parse(chunk, isLast: false)
    }

    /// Ends the document and returns its root.
    package func finish() throws(XMLFailure) -> AWSElement {
        try parse([], isLast: true)
        guard let root = box.builder.root else { throw .malformed("it ends before its root does") }
        return root
    }

    private func parse(_ chunk: [UInt8], isLast: Bool) throws(XMLFailure) {
        guard let context else { throw .refused("there is no memory for a parser") }
        chunk.withUnsafeBytes { raw in
            _ = xmlParseChunk(
                context, raw.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(clamping: raw.count),
                isLast ? 1 : 0)
        }
        if let failure = box.builder.failure { throw failure }
        guard changeover_xml_is_well_formed(context) != 0 else {
            throw .malformed(isLast ? "it ends too early or is not well-formed" : "it is not well-formed")
        }
    }
}
