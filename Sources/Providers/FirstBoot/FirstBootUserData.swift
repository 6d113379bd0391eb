import Foundation
import Workflow

/// Adds our first-boot script to an operator's user data, as a MIME multipart message for cloud-init; pure.
enum FirstBootUserData {
    /// The most that EC2 takes, before Base64 (EC2 User Guide, User data).
    static let limitBytesOfEC2 = 16_384
    /// The name of our part; scripts are run in the order of their names.
    static let scriptName = "zz-changeover-first-boot.sh"

    /// What our boundaries begin with; also tells user data that an earlier swap has put together.
    private static let boundaryPrefix = "==changeover-"

    /// The user data to launch with; `nil` for none.
    ///
    /// The operator's parts come first, as they are. Where nothing is to be patched, the operator's user data is
    /// returned unchanged. What an earlier swap had added to it is taken out. What is larger than `limitBytes` is
    /// compressed; without a limit it stays text.
    static func merging(
        _ operators: [UInt8], patch: PatchPolicy, limitBytes: Int?
    ) throws(UserDataError) -> [UInt8]? {
        let before = operatorsOfMerged(operators)
        guard patch.scope != .none else {
            guard let before else { return operators.isEmpty ? nil : operators }
            return before.isEmpty ? nil : try fitting(multipart(before), limitBytes)
        }
        let parts: [[UInt8]]
        if let before { parts = before } else { parts = try operatorsPart(operators) }
        let script = FirstBootScript(policy: patch).text
        let own = part(
            contentType: "text/x-shellscript", name: scriptName, content: [UInt8](script.utf8))
        return try fitting(multipart(parts + [own]), limitBytes)
    }

    /// The operator's parts of user data that an earlier swap has put together; `nil` for any other.
    private static func operatorsOfMerged(_ bytes: [UInt8]) -> [[UInt8]]? {
        var message = bytes
        if case .compressed = UserDataKind(bytes) {
            guard let content = Gzip.decompress(bytes, limitBytes: 8 << 20) else { return nil }
            message = content
        }
        let opening = [UInt8]("Content-Type: multipart/mixed; boundary=\"\(boundaryPrefix)".utf8)
        guard message.starts(with: opening) else { return nil }
        let rest = message.dropFirst(opening.count - boundaryPrefix.utf8.count)
        let boundary = Array(rest.prefix { $0 != UInt8(ascii: "\"") })
        let parts = Data(message).split(on: Data([UInt8]("--".utf8) + boundary))
        // Before the first boundary are the headers, after the last one its two dashes.
        guard parts.count >= 3 else { return nil }
        let name = Data("filename=\"\(scriptName)\"".utf8)
        return parts.dropFirst().dropLast().filter { $0.range(of: name) == nil }
            .map { Array($0.dropFirst().dropLast()) }
    }

    /// The message, compressed where it is too large otherwise.
    private static func fitting(_ message: [UInt8], _ limitBytes: Int?) throws(UserDataError) -> [UInt8] {
        guard let limitBytes, message.count > limitBytes else { return message }
        let compressed = Gzip.compress(message)
        guard compressed.count <= limitBytes else {
            throw UserDataError(
                detail: "the original's user data leaves no room for first boot: together they are \(compressed.count) "
                    + "bytes when compressed and \(limitBytes) are allowed; move some of it to a file that it fetches, "
                    + "or set `patch: {scope: none}`")
        }
        return compressed
    }

    private static func operatorsPart(_ bytes: [UInt8], depth: Int = 0) throws(UserDataError) -> [[UInt8]] {
        switch UserDataKind(bytes) {
        case .empty: return []
        case .message:
            // A message with its headers is a part as it is: cloud-init walks through nested ones.
            return [Array(bytes.drop { $0 == 0x0A || $0 == 0x0D || $0 == 0x20 })]
        case .part(let contentType):
            return [part(contentType: contentType, name: "operator", content: bytes)]
        case .compressed:
            guard depth == 0, let content = Gzip.decompress(bytes, limitBytes: 8 << 20) else {
                throw UserDataError(
                    detail: "the original's user data is compressed and cannot be read, so first boot cannot be added "
                        + "to it; set `patch: {scope: none}` and use a patched image")
            }
            return try operatorsPart(content, depth: 1)
        case .windows:
            throw UserDataError(
                detail: "the original's user data is for Windows, which first boot cannot patch; set "
                    + "`patch: {scope: none}` and use a patched image")
        case .unknown:
            throw UserDataError(
                detail: "the original's user data is nothing that cloud-init knows (it begins with neither `#!` nor "
                    + "`#cloud-config` nor the like), so first boot cannot be added to it; leave `userData` out of "
                    + "`inherit`, or set `patch: {scope: none}`")
        }
    }

    /// One part with its headers: readable where it is plain text, otherwise in Base64, so that it arrives unchanged.
    private static func part(contentType: String, name: String, content: [UInt8]) -> [UInt8] {
        let longest = content.split(separator: 0x0A, omittingEmptySubsequences: false).map(\.count).max() ?? 0
        let isPlain = longest < 990 && content.allSatisfy { $0 < 0x7F && $0 != 0x0D && $0 != 0 }
        let charset = isPlain ? "us-ascii" : "utf-8"
        let head = """
            Content-Type: \(contentType); charset="\(charset)"
            MIME-Version: 1.0
            Content-Transfer-Encoding: \(isPlain ? "7bit" : "base64")
            Content-Disposition: attachment; filename="\(name)"


            """
        guard !isPlain else { return [UInt8](head.utf8) + content }
        let encoded = Data(content).base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed])
        return [UInt8](head.utf8) + [UInt8](encoded.utf8)
    }

    private static func multipart(_ parts: [[UInt8]]) -> [UInt8] {
        let boundary = boundary(of: parts)
        var message = [UInt8](
            """
            Content-Type: multipart/mixed; boundary="\(boundary)"
            MIME-Version: 1.0


            """.utf8)
        for part in parts { message += [UInt8]("--\(boundary)\n".utf8) + part + [0x0A] }
        return message + [UInt8]("--\(boundary)--\n".utf8)
    }

    /// A line that occurs in none of the parts, the same for the same parts.
    private static func boundary(of parts: [[UInt8]]) -> String {
        var seed = parts.flatMap { $0 }
        while true {
            let digest = ContentDigest.hexadecimal(of: seed)
            let boundary = "\(boundaryPrefix)\(digest.prefix(24))=="
            let needle = [UInt8](boundary.utf8)
            if !parts.contains(where: { contains($0, needle) }) { return boundary }
            seed = [UInt8](digest.utf8)
        }
    }

    private static func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
        Data(bytes).range(of: Data(needle)) != nil
    }
}

extension Data {
    /// The pieces between the occurrences of a separator.
    fileprivate func split(on separator: Data) -> [Data] {
        var pieces: [Data] = []
        var start = startIndex
        while let found = range(of: separator, in: start..<endIndex) {
            pieces.append(self[start..<found.lowerBound])
            start = found.upperBound
        }
        return pieces + [self[start...]]
    }
}
