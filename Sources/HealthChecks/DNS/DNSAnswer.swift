/// What a DNS server answered.
struct DNSAnswer: Sendable, Hashable {
    /// One record of the answer section.
    struct Record: Sendable, Hashable {
        var name: DNSName
        /// `nil` for types that are not decoded.
        var type: DNSRecordType?
        /// The data in the form of zone files, without dots at the ends of names; a text's strings are put together.
        var value: String
        /// Where an alias leads.
        var target: DNSName?
    }

    /// How many aliases in a row are followed; resolvers give up after about as many.
    static let maximumAliases = 16

    var responseCode: DNSResponseCode
    /// Whether the answer was cut to fit a datagram.
    var isTruncated: Bool
    /// The records of the answer section, in order.
    var records: [Record]

    /// The values of a type that belong to a name, or to a name that it is an alias of.
    ///
    /// Records of other names are passed over: nobody asked for them.
    func values(of type: DNSRecordType, for name: DNSName) -> [String] {
        var names: Set = [name]
        for _ in 0..<Self.maximumAliases {
            let found = records.filter { $0.type == .cname && names.contains($0.name) }.compactMap(\.target)
            let count = names.count
            names.formUnion(found)
            if names.count == count { break }
        }
        return records.filter { $0.type == type && names.contains($0.name) }.map(\.value)
    }
}
