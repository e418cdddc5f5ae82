import pytest

from candlefish.plan.ports import TABLE, explain_ports, pgbouncer_port, port
from candlefish.spec import Spec
from candlefish.spec.limits import PORT_SPAN
from candlefish.spec.model import PgBouncerSpec


def test_no_two_programs_share_a_port() -> None:
    taken = [ports.offset + index for ports in TABLE.values() for index in range(ports.count)]
    assert len(set(taken)) == len(taken)


def test_the_span_that_a_spec_keeps_free_holds_every_program_but_the_pooler() -> None:
    last = max(ports.offset + ports.count for kind, ports in TABLE.items() if kind != "pgbouncer")
    assert last <= PORT_SPAN == TABLE["pgbouncer"].offset


def test_the_first_tier_has_the_pooler_where_everybody_looks_for_it() -> None:
    assert pgbouncer_port(Spec()) == 6432


def test_another_tier_has_the_pooler_beside_its_other_ports() -> None:
    assert pgbouncer_port(Spec(port_base=9000)) == 9050


def test_a_declared_port_is_taken() -> None:
    assert pgbouncer_port(Spec(port_base=9000, pgbouncer=PgBouncerSpec(port=6500))) == 6500


def test_a_program_beyond_its_ports_is_an_error_and_not_somebody_elses_port() -> None:
    with pytest.raises(ValueError, match="redis has 6 ports"):
        port(Spec(), "redis", 6)


def test_a_light_tier_lists_no_sentinel() -> None:
    assert "sentinel" not in {setting.name for setting in explain_ports(Spec(light=True))}


def test_every_listener_is_listed_with_its_port() -> None:
    listed = {setting.name: setting.value for setting in explain_ports(Spec(port_base=9000))}
    assert listed["redis"] == "9020-9022"
    assert listed["pgbouncer"] == "9050"
    assert listed["postgres"] == "9010"
