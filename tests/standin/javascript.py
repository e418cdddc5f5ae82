"""Read the classes that CDK Terrain generates for a provider, by the patterns of its generator."""

import re
from dataclasses import dataclass

CLASS = re.compile(r"^class (\w+) extends cdktn\.(\w+) \{(.*?)^\}", re.DOTALL | re.MULTILINE)
TO_HCL = re.compile(r"^function (\w+)ToHclTerraform\(struct\) \{(.*?)^\}", re.DOTALL | re.MULTILINE)
GETTER = re.compile(
    r"// (?P<name>\w+) - computed: (?P<computed>true|false), optional: (?P<optional>true|false), "
    r"required: (?P<required>true|false)\n(?P<code>.*?)(?=\n    // \w+ - computed:|\n    // =|\Z)",
    re.DOTALL,
)
ARGUMENT = re.compile(
    r"(?P<name>\w+): \{\n\s+value: (?P<value>.*?),\n\s+isBlock: (?P<is_block>true|false),\n"
    r"\s+type: \"(?P<kind>\w+)\",\n\s+storageClassType: \"(?P<storage>\w+)\"",
    re.DOTALL,
)
RESOURCE_TYPE = re.compile(r'static tfResourceType = "(\w+)"')


@dataclass(frozen=True, slots=True)
class Getter:
    """One attribute or block as a reader of the resource meets it."""

    name: str
    computed: bool
    optional: bool
    required: bool
    code: str


@dataclass(frozen=True, slots=True)
class Argument:
    """One attribute or block as a writer of HCL meets it."""

    value: str
    is_block: bool
    kind: str
    storage: str

    @property
    def element(self) -> str:
        """Name the class of one element, such as `EcsServiceLoadBalancer` for `EcsServiceLoadBalancerList`."""
        return re.sub(r"(List|Map)$", "", self.storage)


@dataclass(frozen=True, slots=True)
class Module:
    """The classes of one resource, data source or ephemeral resource, and the functions that print its parts as HCL."""

    classes: dict[str, tuple[str, str]]
    functions: dict[str, str]

    def has_class(self, element: str) -> bool:
        """Say whether the element is an object with attributes of its own."""
        return element + "OutputReference" in self.classes

    def getters(self, element: str) -> list[Getter]:
        """Give what can be read of one element."""
        return getters(self.classes[element + "OutputReference"][1])

    def arguments(self, element: str) -> dict[str, Argument]:
        """Give what can be written of one element."""
        return arguments(self.functions.get(element.lower(), ""))


def parse(text: str) -> Module:
    """Take the text of a module apart."""
    classes = {found[1]: (found[2], found[3]) for found in CLASS.finditer(text)}
    return Module(classes, {found[1].lower(): found[2] for found in TO_HCL.finditer(text)})


def getters(body: str) -> list[Getter]:
    """Give what can be read, from the body of a class."""
    return [
        Getter(g["name"], g["computed"] == "true", g["optional"] == "true", g["required"] == "true", g["code"])
        for g in GETTER.finditer(body)
    ]


def arguments(body: str) -> dict[str, Argument]:
    """Give what can be written, from the body of a function."""
    return {
        a["name"]: Argument(a["value"], a["is_block"] == "true", a["kind"], a["storage"])
        for a in ARGUMENT.finditer(body)
    }
