import LXDClient
import Workflow

/// Names of instances (LXD documentation, Instance name: at most 63 letters, digits and hyphens, beginning with a
/// letter, not ending with a hyphen).
enum LXDInstanceName {
    private static let lengthLimit = 63
    private static let suffixLength = 8
    /// Without letters and digits that are easily mistaken for each other.
    private static let alphabet = Array("23456789abcdefghjkmnpqrstuvwxyz")

    /// The name of the instance that a launch creates: the same for the same launch, another for any other.
    static func name(for token: LaunchToken, called displayName: String) -> String {
        var base = String(displayName.map { isAllowed($0) ? $0 : "-" }.drop { !$0.isASCII || !$0.isLetter })
        base = String(base.prefix(lengthLimit - suffixLength - 1))
        while base.last == "-" { base.removeLast() }
        return (base.isEmpty ? "instance" : base) + "-" + suffix(of: token)
    }

    /// Whether a text can be the name of an instance at all.
    static func isValid(_ text: String) -> Bool {
        guard let first = text.first, first.isASCII, first.isLetter, text.last != "-" else { return false }
        return text.count <= lengthLimit && text.allSatisfy(isAllowed)
    }

    private static func isAllowed(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber) || character == "-"
    }

    private static func suffix(of token: LaunchToken) -> String {
        var number: UInt64 = 0
        for digit in ContentDigest.hexadecimal(of: Array(token.rawValue.utf8)).prefix(14) {
            number = number << 4 | UInt64(digit.hexDigitValue ?? 0)
        }
        var suffix = ""
        for _ in 0..<suffixLength {
            suffix.append(alphabet[Int(number % UInt64(alphabet.count))])
            number /= UInt64(alphabet.count)
        }
        return suffix
    }
}
