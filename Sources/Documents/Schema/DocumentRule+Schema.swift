extension DocumentRule {
    /// The rule as a schema of the mapping.
    var schema: SchemaValue {
        let demand = demand.schema
        guard let condition else { return demand.adding("$comment", .string(summary)) }
        return .object(["$comment": .string(summary), "if": condition.schema, "then": demand])
    }
}

extension DocumentCondition {
    /// The condition as a schema of the mapping.
    var schema: SchemaValue {
        switch self {
        case .has(let key): .object(["required": .strings([key])])
        case .word(let key, let words):
            present(key, .object(["enum": .array(DocumentSchema.values(words))]))
        case .above(let key, let bound):
            present(key, .object(["type": .string("number"), "exclusiveMinimum": .number(bound)]))
        case .atMost(let key, let bound):
            present(key, .object(["type": .string("number"), "maximum": .number(bound)]))
        case .atLeast(let key, let bound):
            present(key, .object(["type": .string("number"), "minimum": .number(bound)]))
        case .texts(let key, let limits):
            properties(
                key,
                .object([
                    "anyOf": .array([
                        DocumentSchema.text(limits),
                        .object(["type": .string("array"), "items": DocumentSchema.text(limits)]),
                    ])
                ]))
        case .onlyKeys(let keys): .object(["propertyNames": .object(["enum": .strings(keys)])])
        case .member(let key, let condition): present(key, condition.schema)
        case .every(let key, let condition): properties(key, .object(["items": condition.schema]))
        case .some(let key, let condition): present(key, .object(["contains": condition.schema]))
        case .not(let condition): .object(["not": condition.schema])
        case .all(let conditions): .object(["allOf": .array(conditions.map(\.schema))])
        case .any(let conditions): .object(["anyOf": .array(conditions.map(\.schema))])
        }
    }

    private func properties(_ key: String, _ value: SchemaValue) -> SchemaValue {
        .object(["properties": .object([key: value])])
    }

    private func present(_ key: String, _ value: SchemaValue) -> SchemaValue {
        .object(["required": .strings([key]), "properties": .object([key: value])])
    }
}

extension SchemaValue {
    /// The object with one more member.
    fileprivate func adding(_ key: String, _ value: SchemaValue) -> SchemaValue {
        guard case .object(var members) = self else { return self }
        members[key] = value
        return .object(members)
    }
}
