from pathlib import Path

from candlefish.terraform.rules import RULES

PAGE = Path(__file__).parents[2] / "docs" / "terraform-checks.md"


def test_the_documentation_has_every_rule_with_its_source() -> None:
    rows = {
        line.split("`")[1]: line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")
    }
    assert set(rows) == {rule.name for rule in RULES}
    assert all(rows[rule.name].endswith(f" | {rule.source} |") for rule in RULES)
