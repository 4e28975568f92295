"""The journal: bounded, plain, and still there after a restart."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from typing import Any

import pytest

from custom_components.instagen.control.journal import Journal, JournalEntry
from custom_components.instagen.control.wishes import (
    Asker,
    AskerKind,
    Refusal,
    Result,
)
from custom_components.instagen.plant.states import LinkName

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
DONE = JournalEntry(
    at=NOON,
    asker=Asker(
        kind=AskerKind.ACTION,
        name="instagen.force_charge",
        user_id="u1",
        context_id="c1",
    ),
    changes={"battery_mode": "force_charge", "force_charge_power": 40.5},
    before={"battery_mode": "self_consumption"},
    link=LinkName.DTS,
    result=Result.SENT,
)
REFUSED = JournalEntry(
    at=NOON,
    asker=Asker(kind=AskerKind.ENTITY, name="number.reserve"),
    changes={"self_consumption_reserve_soc": 5},
    refusal=Refusal.OUT_OF_RANGE,
    placeholders={"setting": "self_consumption_reserve_soc", "low": "10"},
)
CUT_SHORT = JournalEntry(
    at=NOON,
    asker=Asker(kind=AskerKind.LEASE, name="cheap charge"),
    changes={"export_control": True},
    link=LinkName.MODBUS,
)


def test_the_oldest_makes_room() -> None:
    journal = Journal(limit=3)
    for hour in range(5):
        journal.add(
            JournalEntry(at=NOON + timedelta(hours=hour), asker=DONE.asker, changes={})
        )
    assert [entry.at.hour for entry in journal.entries] == [14, 15, 16]


def test_two_hundred_are_kept() -> None:
    journal = Journal()
    for _ in range(300):
        journal.add(DONE)
    assert len(journal.entries) == 200


def test_it_survives_a_restart_as_it_was() -> None:
    journal, again = Journal(), Journal()
    for entry in (DONE, REFUSED, CUT_SHORT):
        journal.add(entry)
    again.restore(json.loads(json.dumps(journal.snapshot())))
    assert again.entries == (DONE, REFUSED, CUT_SHORT)


def _damaged(**fields: Any) -> dict[str, Any]:
    return DONE.to_dict() | fields


@pytest.mark.parametrize(
    "damaged",
    [
        None,
        "text",
        {},
        _damaged(at=5),
        _damaged(at="noon"),
        _damaged(asker=None),
        _damaged(asker={"kind": "ghost", "name": "x"}),
        _damaged(changes=7),
        _damaged(before="text"),
        _damaged(link="pigeon"),
        _damaged(result="maybe"),
        _damaged(refusal="why not"),
        _damaged(placeholders=[1]),
    ],
)
def test_a_damaged_entry_costs_no_other(damaged: object) -> None:
    journal = Journal()
    journal.restore([REFUSED.to_dict(), damaged, DONE.to_dict()])
    assert journal.entries == (REFUSED, DONE)


@pytest.mark.parametrize("stored", [None, 5, "text", {"0": DONE.to_dict()}])
def test_storage_that_is_no_journal_is_an_empty_one(stored: object) -> None:
    journal = Journal()
    journal.restore(stored)
    assert journal.entries == ()


def test_a_restore_keeps_to_the_limit() -> None:
    journal = Journal(limit=2)
    journal.restore([DONE.to_dict(), REFUSED.to_dict(), CUT_SHORT.to_dict()])
    assert journal.entries == (REFUSED, CUT_SHORT)


def test_what_is_refused_us_again_and_again_takes_one_place() -> None:
    journal, heard = Journal(), list[JournalEntry]()
    journal.add_listener(heard.append)
    away = replace(CUT_SHORT, link=None, refusal=Refusal.UNREACHABLE)
    for second in range(0, 60, 15):
        journal.add(replace(away, at=NOON + timedelta(seconds=second)))
    assert heard == [away]
    assert journal.entries == (replace(away, at=NOON + timedelta(seconds=45), times=4),)
    journal.add(REFUSED)
    journal.add(REFUSED)
    assert len(journal.entries) == 3, "what people ask for stays one by one"


def test_listeners_hear_of_it_until_they_leave() -> None:
    journal = Journal()
    heard: list[JournalEntry] = []
    leave = journal.add_listener(heard.append)
    journal.add(DONE)
    leave()
    journal.add(REFUSED)
    assert heard == [DONE]
