internal import Documents
internal import Workflow

/// The format of `launch` in a playbook.
enum LaunchFormat {
    private static let imageID = DocumentKey(
        "id", DocumentFormat<String>.text("an image"), summary: "The image's id; for LXD its fingerprint or an alias.")
    private static let owner = DocumentKey(
        "owner", DocumentFormat<String>.text("an owner"), isRequired: true,
        summary: "An account's number, self, amazon or aws-marketplace.")
    private static let name = DocumentKey(
        "name", DocumentFormat<String>.text("a pattern with * and ?"), isRequired: true,
        summary: "A pattern that the image's name fits.")
    private static let newest = DocumentKey(
        "newest",
        DocumentFormat<ImageChoice>.object("newest", keys: [owner.shape, name.shape]) { object in
            let (owner, name) = (object[owner], object[name])
            guard let owner, let name else { return nil }
            return .newest(owner: owner, name: name)
        }, summary: "The newest image of an owner whose name fits a pattern.")
    private static let parameter = DocumentKey(
        "parameter", DocumentFormat<String>.text("a parameter's name"),
        summary:
            "A public parameter that holds the id of an image, such as /aws/service/debian/release/12/latest/amd64.")
    private static let image = DocumentKey(
        "image",
        DocumentFormat<ImageChoice>.either(
            text: DocumentFormat<String>.constant("same").map { _ in .same },
            mapping: .object(
                "image", keys: [imageID.shape, newest.shape, parameter.shape],
                exactlyOneOf: ["id", "newest", "parameter"]
            ) { object in
                let named = object[imageID].map { ImageChoice.id(ImageID($0)) }
                let parameter = object[parameter].map { ImageChoice.parameter($0) }
                return named ?? object[newest] ?? parameter
            }),
        defaultText: "same", summary: "same, an id, the newest of an owner, or a public parameter.")

    private static let inherit = DocumentKey(
        "inherit", .list(of: DocumentFormat<InheritedProperty>.choice),
        summary: "What the replacement takes over from the original; everything where it is left out.")

    private static let type = DocumentKey(
        "type", DocumentFormat<String>.text("an instance type"), summary: "Another instance type.")
    private static let zone = DocumentKey(
        "zone", DocumentFormat<String>.text("a zone"), summary: "Another zone, by its name or its last letter.")
    private static let subnet = DocumentKey(
        "subnet", DocumentFormat<String>.text("a subnet"), summary: "Another subnet.")
    private static let alternative = DocumentFormat<LaunchAlternative>.object(
        "alternative", keys: [type.shape, zone.shape, subnet.shape]
    ) { object in
        let result = LaunchAlternative(type: object[type], zone: object[zone], subnet: object[subnet])
        guard result != LaunchAlternative() else {
            object.cursor.report(.invalid, "an alternative that changes nothing", suggestion: "name a type or a zone")
            return nil
        }
        return result
    }
    private static let alternatives = DocumentKey(
        "alternatives", .list(of: alternative),
        summary: "What is tried, in this order, when there is no room for the one before.")

    static let launch = DocumentFormat<LaunchChoices>.object(
        "launch", keys: [image.shape, inherit.shape, alternatives.shape]
    ) { object in
        LaunchChoices(
            image: object[image] ?? .same, inherit: object[inherit].map(Set.init),
            alternatives: object[alternatives] ?? [])
    }
}
