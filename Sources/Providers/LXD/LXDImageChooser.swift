import LXDClient
import Workflow

/// An image in the server's store (LXD API, GET /1.0/images).
struct LXDImage: Sendable, Hashable, Decodable {
    struct Alias: Sendable, Hashable, Decodable {
        var name: String
    }

    var fingerprint: String
    /// `container` or `virtual-machine`; servers without virtual machines do not say it.
    var type: String?
    var architecture: String
    var aliases: [Alias]?
    var properties: [String: String]?
    var createdAt: String?
    var uploadedAt: String?

    private enum CodingKeys: String, CodingKey {
        case fingerprint, type, architecture, aliases, properties
        case createdAt = "created_at"
        case uploadedAt = "uploaded_at"
    }

    /// When it was built, or else when it came into the store; images without a date say 1970 or earlier.
    var builtAt: Int64 {
        let built = createdAt.flatMap(RFC3339Timestamp.parse)?.milliseconds ?? 0
        return built > 0 ? built : storedAt
    }

    /// When it came into the store.
    var storedAt: Int64 { uploadedAt.flatMap(RFC3339Timestamp.parse)?.milliseconds ?? 0 }

    /// What a pattern is compared with.
    var names: [String] {
        (aliases ?? []).map(\.name) + ["name", "description"].compactMap { properties?[$0] }
    }
}

/// Chooses the image of a replacement.
struct LXDImageChooser: Sendable {
    let client: any LXDCalling

    private struct Target: Decodable { var target: String }

    /// The fingerprint of the image that `choice` means for a replacement of `original`.
    ///
    /// Throws `imageNotFound` where there is none, and `invalidRequest` for one of another kind or architecture.
    func image(_ choice: ImageChoice, for original: LXDInstance) async throws(ProviderError) -> ImageID {
        let operation = "choose the image of \(original.name)"
        let found: LXDImage
        switch choice {
        case .same: found = try await same(as: original, operation)
        case .id(let id): found = try await named(id.rawValue, operation)
        case .newest(let owner, let name):
            guard owner == "self" else {
                throw ProviderError(
                    .invalidRequest, operation: operation,
                    detail: "images are chosen from the server's own store, whose owner is `self`, not `\(owner)`; "
                        + "copy the image there first, and correct `launch.image`")
            }
            found = try await newest(matching: name, for: original, operation)
        case .parameter:
            throw ProviderError(
                .invalidRequest, operation: operation,
                detail: "LXD has no parameter store; name an alias or a fingerprint under `launch.image`")
        }
        guard Self.fits(found, original) else {
            throw ProviderError(
                .invalidRequest, operation: operation,
                detail: "the image \(found.fingerprint.prefix(12)) is for a \(found.type ?? "container") of "
                    + "\(found.architecture), and \(original.name) is a \(original.type) of \(original.architecture); "
                    + "correct `launch.image`")
        }
        return ImageID(found.fingerprint)
    }

    private static func fits(_ image: LXDImage, _ original: LXDInstance) -> Bool {
        (image.type ?? "container") == original.type && image.architecture == original.architecture
    }

    private func same(as original: LXDInstance, _ operation: String) async throws(ProviderError) -> LXDImage {
        guard let fingerprint = original.config["volatile.base_image"], !fingerprint.isEmpty else {
            throw missing(
                "\(original.name) was not created from an image; name one under `launch.image`", operation)
        }
        guard let found = try await read(fingerprint, operation) else {
            throw missing(
                "the image \(fingerprint.prefix(12)) from which \(original.name) was created is no longer in the image "
                    + "store; name another under `launch.image`", operation)
        }
        return found
    }

    /// The image of an alias, or else of a fingerprint or its unique beginning.
    private func named(_ text: String, _ operation: String) async throws(ProviderError) -> LXDImage {
        let alias: Target? = try await resource(LXDResource("images", "aliases", text), operation)
        if let found = try await read(alias?.target ?? text, operation) { return found }
        throw missing(
            "the image store has no image of the alias or fingerprint `\(text)`; correct `launch.image`", operation)
    }

    private func newest(
        matching pattern: String, for original: LXDInstance, _ operation: String
    ) async throws(ProviderError) -> LXDImage {
        let all: [LXDImage]? = try await resource(LXDResource("images", query: ["recursion": "1"]), operation)
        let fitting = (all ?? []).filter { image in
            Self.fits(image, original) && image.names.contains { NamePattern(pattern).matches($0) }
        }
        guard
            let newest = fitting.max(by: {
                ($0.builtAt, $0.storedAt, $0.fingerprint) < ($1.builtAt, $1.storedAt, $1.fingerprint)
            })
        else {
            throw missing(
                "no image in the store that is for a \(original.type) of \(original.architecture) has an alias, name "
                    + "or description like `\(pattern)`; correct `launch.image`", operation)
        }
        return newest
    }

    private func read(_ fingerprint: String, _ operation: String) async throws(ProviderError) -> LXDImage? {
        // Anything else is another resource below this one.
        guard !fingerprint.isEmpty, fingerprint.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
        return try await resource(LXDResource("images", fingerprint), operation)
    }

    private func resource<Value: Decodable & Sendable>(
        _ resource: LXDResource, _ operation: String
    ) async throws(ProviderError) -> Value? {
        do throws(LXDError) { return try await client.read(resource, as: Value.self).value } catch {
            guard error.code == .notFound else {
                throw LXDErrorMapping.error(error, operation: operation, location: client.location)
            }
            return nil
        }
    }

    private func missing(_ detail: String, _ operation: String) -> ProviderError {
        ProviderError(.imageNotFound, operation: operation, detail: "\(detail) (\(client.location))")
    }
}

/// A pattern in which `*` stands for any characters and `?` for one.
struct NamePattern: Sendable {
    private let pattern: [Character]

    init(_ pattern: String) { self.pattern = Array(pattern) }

    /// Whether the whole text fits.
    func matches(_ text: String) -> Bool {
        let text = Array(text)
        var (place, position) = (0, 0)
        var (star, resumed): (Int?, Int) = (nil, 0)
        while position < text.count {
            if place < pattern.count, pattern[place] == "*" {
                (star, resumed) = (place, position)
                place += 1
            } else if place < pattern.count, pattern[place] == "?" || pattern[place] == text[position] {
                place += 1
                position += 1
            } else if let last = star {
                resumed += 1
                (place, position) = (last + 1, resumed)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }
}
