/// Why bytes are no answer.
struct DNSMessageError: Error, Sendable, Hashable {
    var problem: String

    init(_ problem: String) {
        self.problem = problem
    }
}
