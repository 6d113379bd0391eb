/// Names one header field and its value, as sent or received.
public struct HTTPHeader: Sendable, Hashable {
    /// Holds the field's name; it is compared without regard to case.
    public var name: String
    /// Holds the field's value without surrounding white space.
    public var value: String

    /// Creates a header field.
    ///
    /// Nothing is checked here: sending a name that is no HTTP token (RFC 9110, section 5.6.2), or a name or value
    /// with a carriage return, line feed or NUL, fails with ``TransportError/Code/invalidRequest``.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// Tells whether the field has the given name, without regard to ASCII case.
    func isNamed(_ other: String) -> Bool {
        name.utf8.elementsEqual(other.utf8) { ASCII.lowercased($0) == ASCII.lowercased($1) }
    }
}
