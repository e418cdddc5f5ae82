"""What is read out of a generated class is the schema of the resource."""

from textwrap import dedent

import pytest
from tests.standin.javascript import parse
from tests.standin.schema import TypeName, types_in
from tests.standin.schema_of import of_module, type_of

THING = dedent(
    """
    function thingLogToHclTerraform(struct) {
        const attrs = {
            path: {
                value: cdktn.stringToHclTerraform(struct.path),
                isBlock: false,
                type: "simple",
                storageClassType: "string",
            },
        };
    }
    class ThingLogOutputReference extends cdktn.ComplexObject {
        // path - computed: false, optional: false, required: true
        get path() {
            return this.getStringAttribute('path');
        }
    }
    class ThingStateOutputReference extends cdktn.ComplexObject {
        // port - computed: true, optional: false, required: false
        get port() {
            return this.getNumberAttribute('port');
        }
    }
    class Thing extends cdktn.TerraformResource {
        static tfResourceType = "aws_thing";
        // arn - computed: true, optional: false, required: false
        get arn() {
            return this.getStringAttribute('arn');
        }
        // token_wo - computed: false, optional: true, required: false
        get tokenWo() {
            return this.getStringAttribute('token_wo');
        }
        // password - computed: false, optional: true, required: false
        get password() {
            return this.getStringAttribute('password');
        }
        // subnets - computed: true, optional: true, required: false
        get subnets() {
            return cdktn.Fn.tolist(this.getListAttribute('subnets'));
        }
        // state - computed: true, optional: false, required: false
        _state = new ThingStateList(this, "state", false);
        get state() {
            return this._state;
        }
        // tags_all - computed: true, optional: false, required: false
        _tagsAll = new cdktn.StringMap(this, "tags_all");
        get tagsAll() {
            return this._tagsAll;
        }
        // log - computed: false, optional: true, required: false
        _log = new ThingLogOutputReference(this, "log");
        // rule - computed: false, optional: false, required: true
        _rule = new ThingLogList(this, "rule", true);
        // ingress - computed: true, optional: true, required: false
        _ingress = new ThingLogList(this, "ingress", true);
        // =========
        // SYNTHESIS
        // =========
        synthesizeAttributes() {}
        synthesizeHclAttributes() {
            const attrs = {
                token_wo: {
                    value: this.markWriteOnlyAttribute(cdktn.stringToHclTerraform(this._tokenWo)),
                    isBlock: false,
                    type: "simple",
                    storageClassType: "string",
                },
                subnets: {
                    value: cdktn.listMapperHcl(cdktn.stringToHclTerraform, false)(this._subnets),
                    isBlock: false,
                    type: "set",
                    storageClassType: "stringList",
                },
                log: {
                    value: thingLogToHclTerraform(this._log.internalValue),
                    isBlock: true,
                    type: "list",
                    storageClassType: "ThingLogList",
                },
                rule: {
                    value: cdktn.listMapperHcl(thingLogToHclTerraform, true)(this._rule.internalValue),
                    isBlock: true,
                    type: "set",
                    storageClassType: "ThingLogList",
                },
                ingress: {
                    value: cdktn.listMapperHcl(thingLogToHclTerraform, false)(this._ingress.internalValue),
                    isBlock: true,
                    type: "set",
                    storageClassType: "ThingLogList",
                },
            };
        }
    }
    """
)

KIND, NAME, SCHEMA = of_module(parse(THING))
ATTRIBUTES, BLOCKS = SCHEMA["attributes"], SCHEMA["block_types"]


def test_the_type_is_named_and_its_kind_is_known() -> None:
    assert (KIND, NAME) == ("resource", "aws_thing")


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("arn", {"type": "string", "computed": True}),
        ("token_wo", {"type": "string", "optional": True, "write_only": True}),
        ("password", {"type": "string", "optional": True, "sensitive": True}),
        ("subnets", {"type": ["set", "string"], "computed": True, "optional": True}),
        ("state", {"type": ["list", ["object", {"port": "number"}]], "computed": True}),
        ("tags_all", {"type": ["map", "string"], "computed": True}),
        ("ingress", {"type": ["set", ["object", {"path": "string"}]], "computed": True, "optional": True}),
    ],
)
def test_an_attribute_has_its_type_and_its_flags(name: str, attribute: dict[str, object]) -> None:
    assert ATTRIBUTES[name] == attribute


def test_a_block_that_may_stand_once_says_so() -> None:
    assert BLOCKS["log"] | {"block": None} == {"nesting_mode": "list", "max_items": 1, "block": None}


def test_a_block_that_must_stand_says_so() -> None:
    assert BLOCKS["rule"] | {"block": None} == {"nesting_mode": "set", "min_items": 1, "block": None}


def test_the_arguments_of_a_block_are_known() -> None:
    assert BLOCKS["rule"]["block"] == {"attributes": {"path": {"type": "string", "required": True}}}


def test_the_type_of_a_whole_resource_holds_attributes_and_blocks() -> None:
    kind, fields = type_of(SCHEMA)
    assert kind == "object"
    assert fields["log"] == ["list", ["object", {"path": "string"}]]
    assert set(fields) == {*ATTRIBUTES, *BLOCKS}


def test_the_types_that_a_module_uses_are_found_in_its_text() -> None:
    text = (
        'resource "aws_vpc" "a" {}\n# resource "aws_eip" "b" {}\n  data "aws_region" "c" {}\nephemeral "aws_x" "d" {}'
    )
    found = {TypeName("resource", "aws_vpc"), TypeName("data", "aws_region"), TypeName("ephemeral", "aws_x")}
    assert types_in(text) == found


@pytest.mark.parametrize(
    ("name", "module"),
    [
        (TypeName("resource", "aws_db_instance"), "db-instance"),
        (TypeName("data", "aws_region"), "data-aws-region"),
        (TypeName("ephemeral", "aws_secretsmanager_secret_version"), "ephemeral-aws-secretsmanager-secret-version"),
        (TypeName("provider", "aws"), "provider"),
    ],
)
def test_a_type_is_looked_for_in_its_own_module(name: TypeName, module: str) -> None:
    assert name.module == module
