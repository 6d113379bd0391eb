/// One element of an XML answer, with its text or its children.
public struct AWSElement: Sendable, Hashable {
    /// The element's name, without namespace.
    public var name: String
    /// Its text, entities decoded; empty for an element with children.
    public var text: String
    /// Its children in order.
    public var children: [AWSElement]

    /// Creates an element.
    public init(name: String, text: String = "", children: [AWSElement] = []) {
        self.name = name
        self.text = text
        self.children = children
    }

    /// The first child of that name.
    public subscript(name: String) -> AWSElement? { children.first { $0.name == name } }

    /// The text of the element at a path of names below this one; `nil` when there is none.
    public func text(_ path: String...) -> String? {
        var element = self
        for name in path {
            guard let child = element[name] else { return nil }
            element = child
        }
        return element.text
    }

    /// The entries (`item` or `member`) of the list child of that name; empty when there is none.
    public func items(_ name: String) -> [AWSElement] {
        self[name]?.children.filter { $0.name == "item" || $0.name == "member" } ?? []
    }
}
