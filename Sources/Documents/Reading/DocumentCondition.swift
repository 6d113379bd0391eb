/// Something that holds of a mapping or not, as data: the strict reader and a JSON Schema decide by the same value.
///
/// A condition on what a key's value is holds only where the key is there, unless it says otherwise. Conditions look at
/// values that are right by themselves; what they say of others does not matter, since those are refused anyway.
public indirect enum DocumentCondition: Sendable, Hashable {
    /// The key is there.
    case has(String)
    /// The key's value is one of these words.
    case word(String, [String])
    /// The key's value is a number above this one.
    case above(String, Double)
    /// The key's value is a number of at most this one.
    case atMost(String, Double)
    /// The key's value is a number of at least this one.
    case atLeast(String, Double)
    /// The key's value, a text or a list of texts, is within these limits; also where the key is absent.
    case texts(String, DocumentTextLimits)
    /// The mapping has no other keys.
    case onlyKeys([String])
    /// The key's value is a mapping of which this holds.
    case member(String, DocumentCondition)
    /// This holds of every mapping in the key's list; also where the key is absent.
    case every(String, DocumentCondition)
    /// This holds of at least one mapping in the key's list.
    case some(String, DocumentCondition)
    /// This does not hold.
    case not(DocumentCondition)
    /// All of these hold.
    case all([DocumentCondition])
    /// At least one of these holds.
    case any([DocumentCondition])

    /// At least one of the keys is there.
    public static func hasAny(_ keys: [String]) -> Self { .any(keys.map(Self.has)) }

    /// None of the keys is there.
    public static func hasNone(_ keys: [String]) -> Self { .all(keys.map { .not(.has($0)) }) }

    /// The mapping's own keys that the condition is about.
    var keys: Set<String> {
        switch self {
        case .has(let key), .word(let key, _), .above(let key, _), .atMost(let key, _), .atLeast(let key, _),
            .texts(let key, _), .member(let key, _), .every(let key, _), .some(let key, _):
            [key]
        case .onlyKeys: []
        case .not(let condition): condition.keys
        case .all(let conditions), .any(let conditions): conditions.reduce(into: []) { $0.formUnion($1.keys) }
        }
    }
}
