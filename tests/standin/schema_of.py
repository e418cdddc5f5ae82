"""One generated module as a schema, in the form of `terraform providers schema -json`."""

import re
from typing import Any

from tests.standin.javascript import Argument, Getter, Module, arguments, getters

Schema = dict[str, Any]
"""A block: `attributes` and `block_types` by name."""

Type = Any
"""A type as Terraform writes it in JSON: "string", ["list", "string"], ["object", {...}]."""

BASES = {
    "TerraformResource": "resource",
    "TerraformDataSource": "data",
    "TerraformEphemeralResource": "ephemeral",
    "TerraformProvider": "provider",
}
PRIMITIVES = {"string": "string", "number": "number", "boolean": "bool", "any": "dynamic"}
ELEMENT = re.compile(
    r"new (?!cdktn\.)(?:index_1\.)?(\w+?)(List|Map|OutputReference)\(this, \"\w+\"(?:, (true|false))?\)"
)
PLAIN_MAP = re.compile(r"new cdktn\.(String|Number|Boolean)Map\(")
ATTRIBUTE = re.compile(r"\bget(String|Number|Boolean)?(List|Map)?Attribute\(")
SECRET = re.compile(r"(^|_)(password|auth_token|secret_string|secret_binary|private_key)(_wo)?$")
"""Names of attributes that the provider marks as sensitive: the wheel does not say which they are."""


def of_module(module: Module) -> tuple[str, str, Schema]:
    """Give the kind, the type's name and the schema of the one construct in a module."""
    for base, body in module.classes.values():
        if base in BASES:
            name = re.search(r'static tfResourceType = "(\w+)"', body)
            assert name is not None
            read, _, written = body.partition("synthesizeHclAttributes()")
            return BASES[base], name[1], _block(module, getters(read), arguments(written))
    raise ValueError("a module without a construct")


def _block(module: Module, read: list[Getter], written: dict[str, Argument]) -> Schema:
    attributes: Schema = {}
    blocks: Schema = {}
    for getter in read:
        argument = written.get(getter.name)
        if argument is not None and _is_nested_block(module, argument):
            blocks[getter.name] = _nested(module, getter, argument)
        elif argument is not None and argument.is_block and not module.has_class(argument.element):
            blocks[getter.name] = _write_only_block(module, argument)
        else:
            attributes[getter.name] = _attribute(module, getter, argument)
    return {"attributes": attributes, "block_types": blocks} if blocks else {"attributes": attributes}


def _is_nested_block(module: Module, argument: Argument) -> bool:
    # listMapperHcl(..., false): an attribute of objects, which `name = [{...}]` sets as well as a block does
    return argument.is_block and module.has_class(argument.element) and ", false)(" not in argument.value


def _nested(module: Module, getter: Getter, argument: Argument) -> Schema:
    inner = _block(module, module.getters(argument.element), module.arguments(argument.element))
    if argument.kind == "struct":
        return {"nesting_mode": "single", "block": inner}
    nested: Schema = {"nesting_mode": argument.kind, "block": inner}
    if getter.required:
        nested["min_items"] = 1
    if "Mapper" not in argument.value:
        nested["max_items"] = 1
    return nested


def _write_only_block(module: Module, argument: Argument) -> Schema:
    """Blocks of the provider's own configuration can't be read back: only their arguments are known."""
    inner = {
        name: {"type": _argument_type(module, one), "optional": True}
        for name, one in module.arguments(argument.element).items()
        if not one.is_block
    }
    return {"nesting_mode": argument.kind, "block": {"attributes": inner}}


def _attribute(module: Module, getter: Getter, argument: Argument | None) -> Schema:
    known = _argument_type(module, argument) if argument is not None else _getter_type(module, getter.code)
    flags = {name: True for name in ("computed", "optional", "required") if getattr(getter, name)}
    attribute: Schema = {"type": known, **flags}
    if argument is not None and "markWriteOnlyAttribute" in argument.value:
        attribute["write_only"] = True
    if known == "string" and SECRET.search(getter.name):
        attribute["sensitive"] = True
    return attribute


def _argument_type(module: Module, argument: Argument) -> Type:
    if argument.kind == "simple":
        return PRIMITIVES.get(argument.storage, "dynamic")
    inner = _element_type(module, argument.element)
    return inner if argument.kind == "struct" else [argument.kind, inner]


def _element_type(module: Module, element: str) -> Type:
    if element in PRIMITIVES:
        return PRIMITIVES[element]
    if module.has_class(element):
        return _object(module, element)
    collection = re.fullmatch(r"(\w+?)(List|Map)", element)
    if collection and collection[1] in PRIMITIVES:
        return [collection[2].lower(), PRIMITIVES[collection[1]]]
    return "dynamic"


def _getter_type(module: Module, code: str) -> Type:
    if found := ELEMENT.search(code):
        element = _object(module, found[1])
        if found[2] == "OutputReference":
            return element
        return ["map" if found[2] == "Map" else "set" if found[3] == "true" else "list", element]
    if found := PLAIN_MAP.search(code):
        return ["map", PRIMITIVES[found[1].lower()]]
    if (found := ATTRIBUTE.search(code)) is None:
        return "dynamic"
    primitive = PRIMITIVES[(found[1] or "String").lower()]
    if found[2] is None:
        return primitive
    return [found[2].lower() if "Fn.tolist(" not in code else "set", primitive]


def _object(module: Module, element: str) -> Type:
    return type_of(_block(module, module.getters(element), module.arguments(element)))


def type_of(block: Schema) -> Type:
    """Give the type of the values that a block describes."""
    fields = {name: attribute["type"] for name, attribute in block["attributes"].items()}
    for name, nested in block.get("block_types", {}).items():
        inner = type_of(nested["block"])
        fields[name] = inner if nested["nesting_mode"] in ("single", "group") else [nested["nesting_mode"], inner]
    return ["object", fields]
