/// One disk of a launch specification, written as `size=8 type=gp3 …` so that people can read it in a plan.
struct EC2Disk: Sendable, Hashable {
    /// The short words and EC2's names for them (EC2 API Reference, EbsBlockDevice), in the order of writing.
    private static let names: [(word: String, field: String)] = [
        ("size", "VolumeSize"), ("type", "VolumeType"), ("iops", "Iops"), ("throughput", "Throughput"),
        ("encrypted", "Encrypted"), ("key", "KmsKeyId"), ("snapshot", "SnapshotId"),
        ("deleted", "DeleteOnTermination"),
    ]

    /// What is known of the disk, by EC2's names.
    var parameters: [String: String]

    init(parameters: [String: String]) {
        self.parameters = parameters.filter { !$0.value.isEmpty }
    }

    /// Reads what `text` has written.
    init(text: String) {
        parameters = text.split(separator: " ").reduce(into: [:]) { found, pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let name = Self.names.first(where: { $0.word == parts[0] }) else { return }
            found[name.field] = parts[1]
        }
    }

    /// The disk in words.
    var text: String {
        Self.names.compactMap { name in parameters[name.field].map { "\(name.word)=\($0)" } }.joined(separator: " ")
    }
}
