"""A cloud with plants that come, change and go, and a mirror that reads it."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from datetime import date
import json
from typing import Any

from custom_components.instagen.account.codes import UNPROVEN_CODES
from custom_components.instagen.account.model import (
    Device,
)
from custom_components.instagen.account.sync import AccountMirror, PageNews

TODAY = date(2026, 6, 1)
PAGE = 3

type Json = dict[str, Any]


def row_of(number: int, **columns: Any) -> Json:
    """Return a row in the shape of facts/cloud-api.md 5.1."""
    return {
        "id": number,
        "name": f"Plant {number}",
        "status": 40,
        "classify": 4,
        "capacitor": "6.0",
        "address": "1 Example Road",
        "city_code": "826000000",
        "parent_city": [],
        "tz_name": "UTC+00",
        "pic_path": "",
        "owner_name": "A. Owner",
        "gid": 345,
        "org_name": "Demo Solar",
        "is_stars": 0,
        "is_balance": 0,
        "is_reflux": 1,
        "create_by": 88,
        "create_by_name": "inst1",
        "create_at": "2026-03-01 10:00:00",
        "dc": 1,
        "ak": "0a1b2c",
        "is_3rd": 0,
        "warn_data": {
            "s_uoff": False,
            "s_ustable": False,
            "s_uid": False,
            "l3_warn": False,
            "g_warn": False,
            "me_warn": False,
            "dl": False,
            "pw_off": False,
        },
    } | columns


class Server:
    """Plants as a cloud holds them; each change of one shows in its row."""

    def __init__(self, count: int = 0) -> None:
        self.rows: dict[int, Json] = {}
        self.owners: dict[int, list[int]] = {}
        self.devices: dict[int, list[int]] = {}
        self.created = 0
        self.changes = 0
        for _ in range(count):
            self.add()

    def add(self) -> int:
        self.created += 1
        number = self.created
        self.rows[number] = row_of(number)
        self.owners[number] = [number % 3]
        self.devices[number] = [1, 6]
        return number

    def remove(self, number: int) -> None:
        for table in (self.rows, self.owners, self.devices):
            del table[number]

    def change(self, number: int, **columns: Any) -> None:
        self.changes += 1
        self.rows[number] |= columns

    def touch(self, number: int) -> None:
        """Show in the row that something changed which is not in it."""
        self.change(number, update_at=f"2026-03-01 10:00:{self.changes:06}")

    def page(self, number: int) -> list[Json]:
        rows = [*self.rows.values()][(number - 1) * PAGE : number * PAGE]
        return deepcopy(rows)

    @property
    def pages(self) -> int:
        return -(-len(self.rows) // PAGE)

    def detail(self, number: int) -> Json:
        owners = [{"uid": owner, "name": "A"} for owner in self.owners[number]]
        return self.rows[number] | {
            "latitude": "51.5",
            "longitude": "0.1",
            "timezone": {"name": "Europe/London"},
            "owner_list": owners,
            "group": {"id": 345, "name": "Demo Solar", "pid": 20, "type": 4},
        }

    def tree(self, number: int) -> list[Json]:
        return [
            {"id": number * 100 + code, "type": code, "warn_data": {"connect": True}}
            for code in self.devices[number]
        ]


def run_pass(mirror: AccountMirror, server: Server) -> list[PageNews]:
    """Read the whole list; return what each page told."""
    mirror.begin()
    total = len(server.rows)
    news = [mirror.page(server.page(page + 1), total) for page in range(server.pages)]
    assert mirror.finish(total)
    while mirror.sweep():
        pass
    return news


def fetch(mirror: AccountMirror, server: Server, most: int = 1000) -> None:
    """Fetch what the mirror wants."""
    for number in mirror.wanted_details(most):
        if number in server.rows:
            mirror.put_detail(server.detail(number))
        else:
            mirror.give_up(number)
    for number in mirror.wanted_devices(most):
        if number in server.rows:
            mirror.put_devices(number, server.tree(number), TODAY)


def synced(server: Server) -> AccountMirror:
    mirror = AccountMirror(UNPROVEN_CODES)
    run_pass(mirror, server)
    fetch(mirror, server)
    return mirror


def reborn(mirror: AccountMirror) -> AccountMirror:
    """Return what a restart makes of a mirror."""
    again = AccountMirror(UNPROVEN_CODES)
    for step in json.loads(json.dumps(list(mirror.dump()))):
        again.restore(step)
    return again


def ageless(devices: Iterable[Device]) -> list[Device]:
    return [replace(device, since=None) for device in devices]
