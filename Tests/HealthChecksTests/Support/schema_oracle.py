"""Judges check files by the JSON Schema, with the validator and the YAML reader of other parties.

schema_oracle.py SCHEMA FOLDER: for every *.yaml below FOLDER one line of JSON: {"file": …, "accepted": …, "reason": …}.

YAML is read by the core schema of YAML 1.2 (section 10.3.2), which is what editors do, and a duplicate key is an error;
PyYAML by itself reads YAML 1.1, where `on` is true and 2026-12-31 is no text.
"""

import json
import pathlib
import re
import sys

import jsonschema
import yaml


class CoreLoader(yaml.SafeLoader):
    yaml_implicit_resolvers = {}

    def construct_mapping(self, node, deep=False):
        result = {}
        for key_node, value_node in node.value:
            key = key_node.value  # JSON's keys are texts
            if not isinstance(key_node, yaml.ScalarNode) or key in result:
                raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key}", key_node.start_mark)
            result[key] = self.construct_object(value_node, deep=True)
        return result


def construct_map(loader, node):
    return loader.construct_mapping(node)


def construct_int(loader, node):
    text = node.value
    base = 8 if text.startswith("0o") else 16 if text.startswith("0x") else 10
    return int(text[2:] if base != 10 else text, base)


def construct_float(loader, node):
    return float(node.value.lower().replace(".inf", "inf").replace(".nan", "nan"))


CORE = [
    ("null", r"^(?:~|null|Null|NULL|)$", lambda loader, node: None),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", lambda loader, node: node.value.lower() == "true"),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", construct_int),
    (
        "float",
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        construct_float,
    ),
]
for name, form, construct in CORE:
    tag = f"tag:yaml.org,2002:{name}"
    CoreLoader.add_implicit_resolver(tag, re.compile(form), None)
    CoreLoader.add_constructor(tag, construct)
CoreLoader.add_constructor("tag:yaml.org,2002:map", construct_map)


def judge(validator, path):
    try:
        value = yaml.load(path.read_text(encoding="utf-8"), CoreLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return False, f"YAML: {error}"
    error = jsonschema.exceptions.best_match(validator.iter_errors(value))
    return error is None, "" if error is None else f"{error.json_path}: {error.message[:200]}"


def wrong_defaults(schema, validator_of):
    for name, definition in schema["$defs"].items():
        for key, value in definition.get("properties", {}).items():
            if "default" in value:
                for error in validator_of(value).iter_errors(value["default"]):
                    yield f"{name}.{key}: {error.message}"


def main():
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    wrong = list(wrong_defaults(schema, lambda part: validator.evolve(schema={**part, "$defs": schema["$defs"]})))
    if wrong:
        sys.exit("\n".join(wrong))
    folder = pathlib.Path(sys.argv[2])
    for path in sorted(folder.rglob("*.yaml")):
        accepted, reason = judge(validator, path)
        print(json.dumps({"file": str(path.relative_to(folder)), "accepted": accepted, "reason": reason}))


main()
