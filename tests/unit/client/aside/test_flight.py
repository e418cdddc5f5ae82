import asyncio
from typing import Any

import pytest

from candlefish.client.aside.codec import find_codec
from candlefish.client.aside.flight import Flight, Flights
from candlefish.client.aside.form import Form

FORM, OTHER_FORM = (Form(shape, find_codec("msgpack"), None) for shape in (Any, int))


async def test_a_flight_is_found_by_its_key_and_form_until_it_has_landed() -> None:
    flights, flight = Flights(), Flight("key", FORM)
    flights.add(flight)
    assert (flights.find("key", FORM), flights.find("key", OTHER_FORM), flights.find("other", FORM)) == (
        flight,
        None,
        None,
    )
    flights.land(flight, b"entry")
    assert flights.find("key", FORM) is None
    assert await flight.answer == b"entry"


async def test_a_key_that_is_voided_has_no_flight_of_any_form() -> None:
    flights = Flights()
    for form in (FORM, OTHER_FORM):
        flights.add(Flight("key", form))
    flights.void("key")
    assert flights.find("key", FORM) is flights.find("key", OTHER_FORM) is None


async def test_a_flight_that_was_replaced_drops_itself_alone() -> None:
    flights, old, new = Flights(), Flight("key", FORM), Flight("key", FORM)
    flights.add(old)
    flights.void("key")
    flights.add(new)
    flights.drop(old)
    assert flights.find("key", FORM) is new
    flights.land(old, KeyError("late"))
    assert flights.find("key", FORM) is new
    with pytest.raises(KeyError, match="late"):
        await old.answer


async def test_close_ends_what_is_under_way() -> None:
    flights = Flights()
    task = flights.start(asyncio.sleep(3600))
    await flights.close()
    assert task.cancelled()
