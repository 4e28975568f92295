"""The mirror follows the account: what it fetches, what it keeps, what it forgets."""

from dataclasses import replace
from datetime import date
import gc
import json
from time import process_time
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.instagen.account.codes import UNPROVEN_CODES
from custom_components.instagen.account.home import Generation
from custom_components.instagen.account.model import (
    AccountKind,
    DeviceKind,
    OrganisationKind,
    Plant,
    PlantState,
)
from custom_components.instagen.account.sync import BATCH, AccountMirror, PageNews

from .server import (
    TODAY,
    Json,
    Server,
    ageless,
    fetch,
    reborn,
    row_of,
    run_pass,
    synced,
)

# ---- passes ----


def test_the_first_pass_wants_everything() -> None:
    server = Server(7)
    mirror = AccountMirror()
    news = run_pass(mirror, server)
    assert [page.new for page in news] == [(1, 2, 3), (4, 5, 6), (7,)]
    assert mirror.wanted_details(2) == (1, 2)
    assert mirror.wanted_devices(100) == (1, 2, 3, 4, 5, 6, 7)
    assert mirror.outstanding == 14
    fetch(mirror, server)
    assert mirror.outstanding == 0
    assert mirror.view.plants[7].time_zone == "Europe/London"
    assert mirror.view.devices[7][1].kind is DeviceKind.INVERTER


def test_a_pass_without_changes_wants_nothing() -> None:
    server = Server(7)
    mirror = synced(server)
    assert run_pass(mirror, server) == [PageNews()] * 3
    assert mirror.outstanding == 0


def test_the_order_of_columns_is_no_change() -> None:
    server = Server(1)
    mirror = synced(server)
    turned = dict(reversed(server.rows[1].items()))
    assert mirror.page([turned]) == PageNews()


def test_only_what_changed_is_wanted() -> None:
    server = Server(7)
    mirror = synced(server)
    server.change(5, name="Barn")
    server.change(2, capacitor="7")
    assert mirror.page(server.page(1)).changed == (2,)
    assert mirror.page(server.page(2)).changed == (5,)
    assert mirror.wanted_details(9) == mirror.wanted_devices(9) == (2, 5)
    assert mirror.view.plants[5].name == "Barn"


@pytest.mark.parametrize(
    "columns",
    [{"is_stars": 1}, {"warn_data": {"s_uoff": True}}, {"real_power": "5"}],
    ids=str,
)
def test_what_passes_needs_no_fetching(columns: Json) -> None:
    server = Server(2)
    mirror = synced(server)
    server.change(2, **columns)
    assert mirror.page(server.page(1)) == PageNews(updated=(2,))
    assert mirror.outstanding == 0
    plant = mirror.view.plants[2]
    assert (plant.favourite, plant.state) == (
        "is_stars" in columns,
        PlantState.OFFLINE if "warn_data" in columns else PlantState.NORMAL,
    )


def test_a_row_that_changes_back_needs_fetching_again() -> None:
    server = Server(1)
    mirror = synced(server)
    for name in ("Barn", "Plant 1"):
        server.change(1, name=name)
        assert mirror.page(server.page(1)).changed == (1,)


def test_a_vanished_plant_is_removed_after_a_complete_pass_only() -> None:
    server = Server(7)
    mirror = synced(server)
    server.remove(2)
    mirror.begin()
    mirror.page(server.page(1))
    assert 2 in mirror.view.plants
    assert not mirror.finish(len(server.rows))
    assert mirror.sweep() == ()
    assert 2 in mirror.view.plants
    run_pass(mirror, server)
    assert 2 not in mirror.view.plants
    assert 2 not in mirror.view.devices
    assert mirror.view.plants_of_owner[2] == {5}


def test_a_list_that_moves_while_it_is_read_condemns_nobody() -> None:
    server = Server(7)
    mirror = synced(server)
    mirror.begin()
    mirror.page(server.page(1), 7)
    server.remove(1)
    # Number 4 slips onto the page that has been read, and six of six were seen.
    mirror.page(server.page(2), 6)
    assert not mirror.finish(6)
    assert mirror.sweep() == ()
    assert {1, 4} <= mirror.view.plants.keys()


def test_one_lost_and_one_won_meanwhile_condemns_nobody() -> None:
    server = Server(7)
    mirror = synced(server)
    mirror.begin()
    mirror.page(server.page(1), 7)
    server.remove(1)
    server.add()
    # Number 4 was on no page, yet seven of seven were seen.
    mirror.page(server.page(2), 7)
    mirror.page(server.page(3), 7)
    assert mirror.finish(7)
    assert mirror.sweep() == ()
    run_pass(mirror, server)
    assert mirror.view.plants.keys() == server.rows.keys()


def test_with_new_plants_a_second_pass_condemns() -> None:
    server = Server(7)
    mirror = synced(server)
    for _ in range(2):
        assert 2 in mirror.view.plants
        server.rows.pop(2, None)
        server.add()
        run_pass(mirror, server)
    assert 2 not in mirror.view.plants


def test_finishing_without_a_pass_condemns_nobody() -> None:
    mirror = synced(Server(2))
    assert not mirror.finish(0)
    assert not mirror.finish(2)
    assert mirror.sweep() == ()


def test_that_a_full_account_is_empty_is_believed_the_second_time() -> None:
    mirror = synced(Server(2))
    for gone in ((), (1, 2)):
        mirror.begin()
        mirror.page([], 0)
        assert mirror.finish(0)
        assert mirror.sweep() == gone
    assert not mirror.view.plants


def test_who_comes_back_before_the_sweep_stays() -> None:
    server = Server(3)
    mirror = synced(server)
    row = server.rows[2]
    server.remove(2)
    mirror.begin()
    mirror.page(server.page(1))
    assert mirror.finish(2)
    mirror.page([row])
    assert mirror.sweep() == ()
    assert 2 in mirror.view.plants


def test_a_sweep_goes_in_steps() -> None:
    server = Server(2 * BATCH + 1)
    mirror = synced(server)
    for number in range(2, 2 * BATCH + 2):
        server.remove(number)
    mirror.begin()
    mirror.page(server.page(1))
    assert mirror.finish(1)
    assert [len(mirror.sweep()) for _ in range(3)] == [BATCH, BATCH, 0]
    assert [*mirror.view.plants] == [1]


def test_rows_that_are_none_are_passed_over() -> None:
    mirror = AccountMirror()
    odd: list[Any] = [None, 5, "x", [], {}, {"id": None}, {"id": "7", "name": 5}]
    assert mirror.page(odd).new == (7,)
    assert mirror.view.plants[7].name == "5"


def test_there_is_an_end_to_plants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.instagen.account.sync.MOST_PLANTS", 2)
    server = Server(3)
    mirror = AccountMirror()
    mirror.begin()
    mirror.page(server.page(1))
    assert [*mirror.view.plants] == [1, 2]
    assert not mirror.finish(3)


def test_what_the_server_refuses_is_wanted_again_once_its_row_changes() -> None:
    server = Server(1)
    mirror = AccountMirror()
    run_pass(mirror, server)
    mirror.give_up(1)
    assert mirror.outstanding == 0
    server.touch(1)
    mirror.page(server.page(1))
    assert mirror.outstanding == 2


def test_those_fetched_longest_ago_have_their_turn() -> None:
    server = Server(4)
    mirror = synced(server)
    mirror.refresh_oldest(2)
    assert mirror.wanted_devices(9) == (1, 2)
    fetch(mirror, server)
    mirror.refresh_oldest(2)
    assert mirror.wanted_devices(9) == (3, 4)


def test_updates_are_told_by_the_server() -> None:
    server = Server(2)
    mirror = synced(server)
    assert mirror.newest_update is None
    for number in (2, 1):
        server.touch(number)
    mirror.page(server.page(1))
    assert mirror.newest_update == server.rows[1]["update_at"]
    assert mirror.holds(2)
    assert not mirror.holds(3)


def test_answers_about_plants_nobody_knows_are_left() -> None:
    mirror = synced(Server(1))
    assert mirror.put_detail(row_of(9)) is None
    assert mirror.put_detail({}) is None
    assert mirror.put_devices(9, [{"id": 1}], TODAY) == ()
    assert [*mirror.view.plants] == [*mirror.view.devices] == [1]


def test_flags_of_all_plants_come_in_steps() -> None:
    server = Server(BATCH + 2)
    mirror = synced(server)
    rows: list[Any] = [
        {"id": number, "warn_data": {"s_uoff": number % 2}}
        for number in range(1, BATCH + 3)
    ]
    steps = [*mirror.put_flags([*rows, {"id": 999, "warn_data": {"s_uoff": 1}}, None])]
    assert [len(step) for step in steps] == [BATCH // 2, 1]
    assert mirror.view.plants[1].state is PlantState.OFFLINE
    # The row still tells the old flags and is the older news, but unchanged.
    assert mirror.home(TODAY).plants_by_state[PlantState.OFFLINE] == BATCH // 2 + 1


# ---- people ----


def test_organisations_owners_and_users_come_as_complete_lists() -> None:
    mirror = AccountMirror(UNPROVEN_CODES)
    mirror.put_organisations([{"id": 20, "type": 1}, {"id": 345, "pid": 20, "type": 4}])
    mirror.put_users(345, [{"id": 5, "role_ids": [22]}, {"id": 6, "gid": 345}])
    mirror.put_owners(345, [{"id": 9, "gid": 345, "sids": [1]}])
    mirror.put_owners(20, [{"id": 8}])
    view = mirror.view
    assert view.organisations[345].kind is OrganisationKind.INSTALLER
    assert [*view.ancestors(345)] == [345, 20]
    assert view.users[5].kind is AccountKind.SUB_INSTALLER
    assert view.users[5].organisation == 345
    assert [*view.owners] == [9, 8]
    mirror.put_users(345, [{"id": 6, "gid": 345}])
    mirror.put_owners(345, [])
    mirror.keep_organisations([345])
    assert [*view.users] == [6]
    assert [*view.owners] == [8]
    assert [*view.organisations] == [345]


def test_who_i_am_names_my_organisation_and_forgets_nothing_of_it() -> None:
    mirror = AccountMirror(UNPROVEN_CODES)
    assert mirror.view.kind is None
    mirror.put_organisations([{"id": 345, "pid": 20, "type": 4, "name": "Demo"}])
    mirror.put_me({"id": 88, "role_ids": [20], "group": {"id": 345, "name": "New"}})
    assert mirror.view.kind is AccountKind.INSTALLER
    node = mirror.view.organisations[345]
    assert (node.name, node.parent, node.code) == ("New", 20, 4)


def test_a_detail_completes_an_owner() -> None:
    server = Server(1)
    mirror = synced(server)
    mirror.put_owners(345, [{"id": 1, "name": "Ann", "phone": "5"}])
    mirror.put_detail(server.detail(1))
    assert mirror.view.owners[1].phone == "5"
    assert mirror.view.owners[1].name == "A"


# ---- home page ----


def test_4_1_the_home_page_counts() -> None:
    server = Server(4)
    server.change(1, is_stars=1, warn_data={"s_uoff": True})
    server.change(2, warn_data={"me_warn": 1}, create_at="2026-05-31 23:59:59")
    server.change(3, warn_data=None, real_power="100", today_eq="1500")
    server.change(4, real_power="250.5", today_eq="-")
    mirror = synced(server)
    home = mirror.home(date(2026, 5, 31))
    assert home.plants == 4
    assert home.plants_by_state == {
        PlantState.OFFLINE: 1,
        PlantState.ALARM: 1,
        PlantState.NORMAL: 1,
        None: 1,
    }
    assert home.devices == 8
    assert home.devices_by_code == {1: 4, 6: 4}
    assert (home.favourites, home.new_plants, home.new_devices) == (1, 1, 2)
    assert home.generation == Generation(power=350.5, today=1.5)


def test_4_1_a_device_that_comes_later_is_new_that_day() -> None:
    server = Server(1)
    mirror = synced(server)
    assert mirror.home(TODAY).new_devices == 0
    server.devices[1].append(10)
    mirror.put_devices(1, server.tree(1), TODAY)
    mirror.put_devices(1, server.tree(1), date(2026, 6, 9))
    assert mirror.home(TODAY).new_devices == 1
    assert mirror.home(date(2026, 6, 2)).new_devices == 0


def test_4_1_what_nobody_tells_is_unknown() -> None:
    home = AccountMirror().home(TODAY)
    assert home.generation == Generation()
    assert home.plants_by_state == {}


def test_live_values_that_stop_coming_are_forgotten() -> None:
    server = Server(1)
    server.change(1, real_power="100")
    mirror = synced(server)
    server.change(1, real_power=None)
    mirror.page(server.page(1))
    assert mirror.home(TODAY).generation == Generation()


# ---- over a restart ----


def test_a_pass_goes_on_after_a_restart() -> None:
    server = Server(7)
    mirror = synced(server)
    server.remove(7)
    server.change(2, name="Barn")
    mirror.begin()
    mirror.page(server.page(mirror.next_page or 0))
    mirror = reborn(mirror)
    assert mirror.next_page == 2
    assert mirror.wanted_details(9) == (2,)
    assert mirror.page(server.page(2)) == PageNews()
    assert mirror.finish(6)
    assert mirror.next_page is None
    assert mirror.sweep() == (7,)


def test_a_restart_finds_everything_again() -> None:
    server = Server(5)
    server.change(2, real_power="5", is_stars=1, update_at="2026-03-02 10:00:00")
    mirror = synced(server)
    mirror.put_me(
        {"id": 88, "role_ids": [20], "gpath": "1.20", "roles": [{"name": "x"}]}
    )
    mirror.put_users(345, [{"id": 5, "role_ids": [22]}])
    mirror.refresh_oldest(2)
    again = reborn(mirror)
    assert again.view == mirror.view
    assert again.home(TODAY) == mirror.home(TODAY)
    assert again.newest_update == mirror.newest_update
    assert list(again.dump()) == list(mirror.dump())


def test_a_corrected_code_counts_after_a_restart() -> None:
    mirror = AccountMirror()
    mirror.put_me({"id": 88, "role_ids": [20]})
    assert mirror.view.kind is None
    assert reborn(mirror).view.kind is AccountKind.INSTALLER


# ---- whatever happens ----

DISTURBANCES = ("remove", "name", "flag", "star", "cover", "owners", "devices")
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *DISTURBANCES,
                "add",
                "page",
                "page",
                "begin",
                "finish",
                "fetch",
                "restart",
            ]
        ),
        st.integers(0, 20),
    ),
    max_size=60,
)


def disturb(server: Server, what: str, number: int, value: int) -> None:
    """Change one thing of the server."""
    match what:
        case "name":
            server.change(number, name=f"Plant {value}")
        case "flag":
            server.change(number, warn_data={"s_uoff": value % 2, "l3_warn": value % 3})
        case "star":
            server.change(number, is_stars=value % 2)
        case "cover":
            server.change(number, pic_path="" if value % 2 else "x.jpg")
        case "owners":
            server.owners[number] = [value % 3, value % 5]
            server.touch(number)
        case "devices":
            server.devices[number] = [1, 6, 10][: value % 4]
            server.touch(number)
        case "remove":
            server.remove(number)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(changes=CHANGES)
def test_after_a_whole_pass_the_mirror_is_as_the_server(
    changes: list[tuple[str, int]],
) -> None:
    server, mirror = Server(5), AccountMirror(UNPROVEN_CODES)
    for what, value in changes:
        match what:
            case "add":
                server.add()
            case "begin":
                mirror.begin()
            case "page":
                mirror.page(server.page(mirror.next_page or 1 + value % 3))
            case "finish":
                mirror.finish(len(server.rows))
                mirror.sweep()
            case "fetch":
                fetch(mirror, server, value % 4)
            case "restart":
                mirror = reborn(mirror)
            case _ if server.rows:
                disturb(server, what, [*server.rows][value % len(server.rows)], value)
    # A second pass where the first brought new ones, or showed an empty account.
    for _ in range(2):
        run_pass(mirror, server)
    fetch(mirror, server)

    fresh = synced(server)
    assert mirror.outstanding == 0
    assert dict(mirror.view.plants) == dict(fresh.view.plants)
    assert mirror.view.plants_of_owner == fresh.view.plants_of_owner
    for number in server.rows:
        devices = ageless(mirror.view.devices[number])
        assert devices == ageless(fresh.view.devices[number])
    assert mirror.view.devices.keys() == server.rows.keys()
    ours, theirs = mirror.home(TODAY), fresh.home(TODAY)
    assert replace(ours, new_devices=0) == replace(theirs, new_devices=0)


# ---- 5,000 plants ----


def least(action: Any, times: int = 5) -> float:
    """Return the seconds of processor time that the quickest of some runs takes."""
    taken = []
    for _ in range(times):
        began = process_time()
        action()
        taken.append(process_time() - began)
    return min(taken)


def test_5_000_plants_fit() -> None:
    """Bounds with room for a slow machine; the quickest run counts, not the unluckiest."""
    mirror = AccountMirror()
    pages = [[row_of(100 * page + row) for row in range(100)] for page in range(50)]
    tree = Server(1).tree(1)
    gc.collect()
    objects = len(gc.get_objects())
    mirror.begin()
    for page in pages:
        mirror.page(page)
    assert mirror.finish(5000)
    for number in mirror.wanted_devices(5000):
        mirror.put_devices(number, tree, TODAY)
        mirror.give_up(number)
    gc.collect()
    ours = len(gc.get_objects()) - objects
    assert ours < 2 * 5000, "what the garbage collector has to walk through"

    assert least(lambda: mirror.page(pages[49])) < 0.002
    assert least(lambda: mirror.home(TODAY)) < 0.010
    assert least(lambda: mirror.view) < 0.001
    starred = iter(
        [[row | {"is_stars": run % 2} for row in pages[0]] for run in range(1, 6)]
    )
    assert least(lambda: mirror.page(next(starred))) < 0.010
    steps = mirror.dump()
    assert least(lambda: next(steps), 20) < 0.010

    kept = [*mirror.dump()]
    assert len(json.dumps(kept)) < 6_000_000
    assert sum(len(step.get("plants", ())) for step in kept) == 5000
    assert isinstance(mirror.view.plants[4999], Plant)
