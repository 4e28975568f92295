"""Each rule of facts/cloud-model.md Part 1, by the section of the manual."""

from dataclasses import replace
import re
from typing import Any

import pytest

from custom_components.instagen.account import requests
from custom_components.instagen.account.commands import COMMANDS, MaintenanceCommand
from custom_components.instagen.account.model import (
    AccountKind,
    DeviceKind,
    Organisation,
    Owner,
    Plant,
    User,
)
from custom_components.instagen.account.requests import (
    AddDtu,
    ChangeEmail,
    ChangePassword,
    DeleteDevice,
    DeleteOwner,
    DeletePlant,
    DeleteUser,
    EditOrganisation,
    EditOwner,
    EditPlant,
    Maintain,
    ReadGridProfile,
    ReplaceDtu,
    Request,
    ResetOwnerPassword,
    SaveRegulation,
    TransferOrganisation,
    TransferPlant,
)
from custom_components.instagen.account.rules import (
    COVER_BYTES,
    Rule,
    RuleError,
    cover_type,
)
from custom_components.instagen.account.view import Needs

from .every_request import (
    DISTRIBUTOR,
    END_USER,
    EVERY_REQUEST,
    INSTALLER,
    NAMES,
    NEW_DISTRIBUTOR,
    NEW_INSTALLER,
    NEW_OWNER,
    NEW_PLANT,
    NEW_USER,
    NORMAL,
)
from .people import (
    ACCOUNT,
    BATTERY,
    DTU,
    INVERTER,
    LANE,
    MICRO,
    MILL,
    OWNERS,
    PLANTS,
    refusal,
    view,
)


def test_every_request_is_looked_at_here() -> None:
    assert set(NAMES) == set(requests.__all__) - {
        "Body",
        "Dialect",
        "NewAccount",
        "Request",
    }


@pytest.mark.parametrize("request_", EVERY_REQUEST, ids=NAMES)
@pytest.mark.parametrize("kind", [DISTRIBUTOR, INSTALLER, None])
def test_a_sound_request_is_allowed(
    kind: AccountKind | None, request_: Request
) -> None:
    """Of an account of unknown kind, too: the server decides."""
    assert refusal(request_, view(kind, plants=PLANTS, owners=OWNERS)) is None


# ---- 3 organisation tree ----


def test_3_2_note_2_distributor_may_create_both_kinds() -> None:
    assert refusal(NEW_DISTRIBUTOR, view(DISTRIBUTOR)) is None
    assert refusal(NEW_INSTALLER, view(DISTRIBUTOR)) is None


def test_3_2_note_2_installer_may_create_installer_and_users() -> None:
    assert refusal(NEW_INSTALLER, view(INSTALLER)) is None
    assert refusal(NEW_USER, view(INSTALLER)) is None


def test_3_2_note_2_installer_may_not_create_distributor() -> None:
    assert refusal(NEW_DISTRIBUTOR, view(INSTALLER)) == (
        Rule.DISTRIBUTOR_CREATORS,
        "3.2 n2",
    )


def test_3_2_note_2_no_distributor_under_an_installer() -> None:
    assert refusal(replace(NEW_DISTRIBUTOR, parent=MILL)) == (
        Rule.DISTRIBUTOR_CREATORS,
        "3.2 n2",
    )


@pytest.mark.parametrize("request_", [NEW_INSTALLER, NEW_USER])
def test_3_2_note_2_normal_installer_creates_neither_organisation_nor_user(
    request_: Request,
) -> None:
    assert refusal(request_, view(NORMAL)) == (Rule.ORGANISATION_CREATORS, "3.2 n2")


def test_3_2_note_4_a_user_needs_an_organisation() -> None:
    assert refusal(replace(NEW_USER, organisation=None)) == (
        Rule.ORGANISATION_NOT_CHOSEN,
        "4.4.2",
    )


@pytest.mark.parametrize("missing", ["login", "password", "full_name"])
def test_4_4_1_1_an_organisation_is_created_with_its_first_account(
    missing: str,
) -> None:
    assert refusal(replace(NEW_INSTALLER, account=None)) == (
        Rule.ORGANISATION_ACCOUNT,
        "4.4.1.1",
    )
    incomplete = replace(ACCOUNT, **{missing: " "})
    refused = refusal(replace(NEW_INSTALLER, account=incomplete))
    assert refused is not None
    assert refused[1] == "4.4.1.1"


def test_4_4_1_1_an_organisation_has_a_name() -> None:
    assert refusal(replace(NEW_INSTALLER, title="")) == (
        Rule.ORGANISATION_NAME,
        "4.4.1.1",
    )
    assert refusal(EditOrganisation(organisation=LANE, title=" ")) == (
        Rule.ORGANISATION_NAME,
        "4.4.1.1",
    )


@pytest.mark.parametrize("parent", [MILL, LANE])
def test_4_4_1_2_an_organisation_is_not_transferred_under_itself(parent: int) -> None:
    assert refusal(TransferOrganisation(organisation=MILL, parent=parent)) == (
        Rule.ORGANISATION_UNDER_ITSELF,
        "4.4.1.2",
    )


def test_4_4_1_2_an_organisation_is_transferred_to_another_one() -> None:
    assert refusal(TransferOrganisation(organisation=LANE, parent=MILL)) == (
        Rule.SAME_ORGANISATION,
        "4.4.1.2",
    )


def test_3_a_tree_that_is_a_ring_is_walked_once() -> None:
    ring = {
        1: Organisation(id=1, parent=2),
        2: Organisation(id=2, parent=1),
    }
    request = TransferOrganisation(organisation=3, parent=1)
    assert refusal(request, view(organisations=ring)) is None


def test_3_2_note_3_users_are_normal_or_sub_installers() -> None:
    assert refusal(replace(NEW_USER, role=NORMAL)) is None
    for role in (DISTRIBUTOR, INSTALLER, END_USER):
        assert refusal(replace(NEW_USER, role=role)) == (Rule.USER_ROLE, "3.2 n3")


def test_3_4_a_a_user_is_deleted_in_their_organisation() -> None:
    users = {5: User(id=5, organisation=MILL)}
    there = DeleteUser(organisation=MILL, user=5)
    assert refusal(there, view(users=users)) is None
    for organisation in (None, LANE):
        elsewhere = replace(there, organisation=organisation)
        assert refusal(elsewhere, view(users=users)) == (
            Rule.ORGANISATION_NOT_CHOSEN,
            "3.4 a",
        )


def test_3_4_b_an_owner_is_deleted_in_their_organisation() -> None:
    there = DeleteOwner(organisation=MILL, owner=9)
    assert refusal(there, view(owners=OWNERS)) is None
    for organisation in (None, LANE):
        elsewhere = replace(there, organisation=organisation)
        assert refusal(elsewhere, view(owners=OWNERS)) == (
            Rule.ORGANISATION_NOT_CHOSEN,
            "3.4 b",
        )


# ---- 5 own account ----


@pytest.mark.parametrize("email", ["", "  "])
def test_3_3_c_a_new_email_is_needed(email: str) -> None:
    assert refusal(ChangeEmail(email=email)) == (Rule.EMAIL_MISSING, "3.3")


@pytest.mark.parametrize("email", ["ann", "@example.com", "ann@", "a b@c.de", "ann@x"])
def test_3_3_c_an_email_looks_like_one(email: str) -> None:
    assert refusal(ChangeEmail(email=email)) == (Rule.EMAIL_FORM, "3.3")


def test_3_3_d_a_new_password_needs_the_old_one() -> None:
    assert refusal(ChangePassword(old="", new="new")) == (
        Rule.OLD_PASSWORD_MISSING,
        "3.3 d",
    )
    assert refusal(ChangePassword(old="old", new="")) == (
        Rule.PASSWORD_MISSING,
        "3.3 d",
    )


def test_3_3_e_cancelling_the_account_is_not_offered() -> None:
    assert not any("cancel" in name.lower() for name in requests.__all__)


# ---- 6 plant ----


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("title", "", Rule.PLANT_NAME),
        ("title", "  ", Rule.PLANT_NAME),
        ("code", None, Rule.PLANT_TYPE),
        ("capacity", 0.0, Rule.PLANT_CAPACITY),
        ("capacity", -1.0, Rule.PLANT_CAPACITY),
        ("capacity", float("nan"), Rule.PLANT_CAPACITY),
        ("capacity", float("inf"), Rule.PLANT_CAPACITY),
        ("address", None, Rule.PLANT_LOCATION),
        ("address", " ", Rule.PLANT_LOCATION),
        ("latitude", 51.0, Rule.PLANT_LOCATION),
    ],
)
def test_4_2_1_required_fields_of_a_plant(field: str, value: Any, rule: Rule) -> None:
    assert refusal(replace(NEW_PLANT, **{field: value})) == (rule, "4.2.1")


def test_4_2_1_a_point_on_the_map_is_a_location() -> None:
    marked = replace(NEW_PLANT, address=None, latitude=51.5, longitude=-0.1)
    assert refusal(marked) is None
    assert refusal(replace(marked, latitude=91.0)) == (Rule.PLANT_LOCATION, "4.2.1")


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("title", " ", Rule.PLANT_NAME),
        ("capacity", 0.0, Rule.PLANT_CAPACITY),
        ("longitude", 1.0, Rule.PLANT_LOCATION),
    ],
)
def test_4_2_2_editing_a_plant_leaves_no_required_field_empty(
    field: str, value: Any, rule: Rule
) -> None:
    assert refusal(EditPlant(plant=1, **{field: value})) == (rule, "4.2.1")


@pytest.mark.parametrize(
    ("start", "media_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"GIF87a", "image/gif"),
    ],
)
def test_4_2_1_a_cover_is_a_picture_of_at_most_2_mb(
    start: bytes, media_type: str
) -> None:
    assert cover_type(start.ljust(COVER_BYTES, b"x")) == media_type
    with pytest.raises(RuleError) as caught:
        cover_type(start.ljust(COVER_BYTES + 60_000, b"x"))
    assert caught.value.rule is Rule.COVER_SIZE
    assert caught.value.placeholders == {"size": "2.1"}


@pytest.mark.parametrize("content", [b"", b"BM", b"%PDF-1.7", b"RIFF....WEBP"])
def test_4_2_1_a_cover_of_another_type_is_refused(content: bytes) -> None:
    with pytest.raises(RuleError) as caught:
        cover_type(content)
    assert (caught.value.rule, caught.value.section) == (Rule.COVER_TYPE, "4.2.1")


def test_4_2_3_a_plant_is_transferred_to_a_new_organisation() -> None:
    assert refusal(TransferPlant(plant=3, organisation=MILL), view(plants=PLANTS)) == (
        Rule.SAME_ORGANISATION,
        "4.2.3",
    )


SHARED = {9: {1, 2}, 8: {2}}


@pytest.mark.parametrize("plant", [1, 2])
def test_4_4_1_2_no_transfer_while_an_owner_has_other_plants(plant: int) -> None:
    seen = view(plants=PLANTS, plants_of_owner=SHARED)
    assert refusal(TransferPlant(plant=plant, organisation=LANE), seen) == (
        Rule.OWNER_SHARED,
        "4.4.1.2",
    )


def test_4_4_1_2_the_other_plants_are_named() -> None:
    seen = view(plants=PLANTS, plants_of_owner={9: {*range(1, 9)}})
    with pytest.raises(RuleError) as caught:
        TransferPlant(plant=1, organisation=LANE).check(seen)
    assert caught.value.placeholders == {"plants": "Barn, Shed, 4, 5, 6, …"}


def test_4_4_1_2_transfer_once_the_owner_is_unbound_from_the_others() -> None:
    seen = view(plants=PLANTS, plants_of_owner={9: {1}})
    assert refusal(TransferPlant(plant=1, organisation=LANE), seen) is None


def test_4_4_1_2_the_list_of_owners_counts_where_no_detail_is_known() -> None:
    plants = {1: PLANTS[1], 2: Plant(id=2), 3: PLANTS[3]}
    transfer = TransferPlant(plant=1, organisation=LANE)
    for told, refused in (({1, 2}, True), ({1, 3}, False), ({1}, False)):
        owners = {9: Owner(id=9, plants=frozenset(told))}
        seen = view(plants=plants, owners=owners, plants_of_owner={9: {1}})
        assert (refusal(transfer, seen) is not None) is refused


def test_4_4_1_2_a_transfer_needs_the_plants_of_its_owners() -> None:
    transfer = TransferPlant(plant=1, organisation=LANE)
    assert transfer.needs(view()) == Needs(details=frozenset({1}))
    seen = view(plants=PLANTS, plants_of_owner=SHARED)
    assert transfer.needs(seen) == Needs(details=frozenset({1, 2}))


def test_4_2_4_the_grid_code_comes_first() -> None:
    assert refusal(SaveRegulation(plant=1, grid_code=" ")) == (
        Rule.GRID_CODE_FIRST,
        "4.2.4",
    )


def test_4_2_5_a_plant_with_devices_is_not_deleted() -> None:
    delete = DeletePlant(plant=1)
    assert delete.needs(view()) == Needs(devices=frozenset({1}))
    seen = view(devices={1: (DTU, INVERTER), 2: ()})
    with pytest.raises(RuleError) as caught:
        delete.check(seen)
    assert (caught.value.rule, caught.value.section) == (
        Rule.PLANT_HAS_DEVICES,
        "4.2.5",
    )
    assert caught.value.placeholders == {"count": "2"}
    assert refusal(DeletePlant(plant=2), seen) is None


# ---- 7 owner ----


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("login", Rule.LOGIN_MISSING),
        ("password", Rule.PASSWORD_MISSING),
        ("full_name", Rule.NAME_MISSING),
    ],
)
def test_4_2_1_b_required_fields_of_an_owner(field: str, rule: Rule) -> None:
    request = replace(NEW_OWNER, account=replace(ACCOUNT, **{field: ""}))
    assert refusal(request) == (rule, "4.2.1 b")


def test_4_2_1_b_number_and_email_of_an_owner_may_be_left_out() -> None:
    assert ACCOUNT.email is None
    assert ACCOUNT.phone is None
    assert refusal(NEW_OWNER) is None
    wrong = replace(NEW_OWNER, account=replace(ACCOUNT, email="ann"))
    assert refusal(wrong) == (Rule.EMAIL_FORM, "4.2.1 b")


def test_4_4_3_an_owner_keeps_a_name_and_gets_a_password() -> None:
    assert refusal(EditOwner(owner=9, full_name="")) == (Rule.NAME_MISSING, "4.2.1 b")
    assert refusal(EditOwner(owner=9, email="x")) == (Rule.EMAIL_FORM, "4.2.1 b")
    assert refusal(ResetOwnerPassword(owner=9, password="")) == (
        Rule.PASSWORD_MISSING,
        "4.4.3",
    )


def test_4_4_3_an_owner_belongs_to_an_organisation() -> None:
    assert refusal(replace(NEW_OWNER, organisation=None)) == (
        Rule.ORGANISATION_NOT_CHOSEN,
        "4.4.3",
    )


# ---- 8 devices ----


@pytest.mark.parametrize("serial", ["", "4301", "DTS-22480001", "43010000000X"])
def test_4_2_1_c_a_dtu_is_added_by_its_serial(serial: str) -> None:
    assert refusal(AddDtu(plant=1, serial=serial)) == (Rule.SERIAL_FORM, "4.2.1")
    assert refusal(ReplaceDtu(plant=1, device=DTU, serial=serial)) == (
        Rule.SERIAL_FORM,
        "4.2.1",
    )


@pytest.mark.parametrize("command", MaintenanceCommand)
def test_4_3_2_4_3_3_a_command_is_for_its_kind_of_device(
    command: MaintenanceCommand,
) -> None:
    row = COMMANDS[command]
    right, wrong = (DTU, INVERTER) if row.kind is DeviceKind.DTU else (INVERTER, DTU)
    ask = Maintain(
        plant=1, device=right, command=command, battery_type=1, package={"id": "5"}
    )
    assert refusal(ask) is None
    rule = Rule.DTU_ONLY if row.kind is DeviceKind.DTU else Rule.INVERTER_ONLY
    assert refusal(replace(ask, device=wrong)) == (rule, row.section)
    nameless = replace(right, serial=None)
    assert refusal(replace(ask, device=nameless)) == (Rule.SERIAL_MISSING, row.section)
    # Whether a device of a type that nobody told is fit, the server knows.
    assert refusal(replace(ask, device=replace(wrong, code=None))) is None


def test_4_3_3_8_a_battery_type_is_named() -> None:
    ask = Maintain(
        plant=1, device=INVERTER, command=MaintenanceCommand.SELECT_BATTERY_TYPE
    )
    assert refusal(ask) == (Rule.BATTERY_TYPE_MISSING, "4.3.3.8")


def test_4_3_2_4_an_upgrade_names_its_firmware() -> None:
    ask = Maintain(plant=1, device=DTU, command=MaintenanceCommand.UPGRADE_DTU)
    assert refusal(ask) == (Rule.FIRMWARE_MISSING, "4.3.2.4")


def test_4_3_2_5_only_a_dtu_is_replaced() -> None:
    replacing = ReplaceDtu(plant=1, device=INVERTER, serial="430100000002")
    assert refusal(replacing) == (Rule.DTU_ONLY, "4.3.2.5")


@pytest.mark.parametrize("device", [BATTERY, MICRO, replace(DTU, code=99)])
def test_4_3_3_9_only_dtus_and_inverters_are_deleted(device) -> None:
    assert refusal(DeleteDevice(plant=1, device=device)) == (
        Rule.NOT_DELETABLE,
        "4.3.3.9",
    )
    assert refusal(DeleteDevice(plant=1, device=DTU)) is None


def test_4_3_6_a_grid_profile_is_read_from_an_inverter() -> None:
    assert refusal(ReadGridProfile(plant=1, device=MICRO)) is None
    for device in (DTU, BATTERY):
        assert refusal(ReadGridProfile(plant=1, device=device)) == (
            Rule.NO_GRID_PROFILE,
            "4.3.6",
        )


# ---- what a user reads ----


def test_a_refusal_says_no_secret() -> None:
    for request in EVERY_REQUEST:
        shown = repr(request)
        assert not re.search(r"secret|old'|new'|4301|2003", shown), shown
    assert str(RuleError(Rule.OWNER_SHARED, "4.4.1.2")) == (
        "owner_shared (manual 4.4.1.2)"
    )
