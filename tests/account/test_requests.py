"""What requests call and say (docs/cloud.md), and how well that is known."""

from collections.abc import Mapping

import pytest

from custom_components.instagen.account.codes import PUBLIC_CODES, UNPROVEN_CODES
from custom_components.instagen.account.commands import COMMANDS, MaintenanceCommand
from custom_components.instagen.account.model import (
    AccountKind,
    DeviceKind,
    OrganisationKind,
)
from custom_components.instagen.account.requests import (
    ActivatePlant,
    AddDtu,
    BindOwner,
    ChangeEmail,
    ChangePassword,
    CreateOrganisation,
    CreateOwner,
    CreatePlant,
    CreateUser,
    DeleteDevice,
    DeleteOrganisation,
    DeleteOwner,
    DeletePlant,
    DeleteUser,
    Dialect,
    EditOrganisation,
    EditOwner,
    EditPlant,
    FavouritePlant,
    Maintain,
    NewAccount,
    ReadGridProfile,
    ReplaceDtu,
    Request,
    ResetOwnerPassword,
    SaveRegulation,
    TransferOrganisation,
    TransferPlant,
    UnbindOwner,
)
from custom_components.instagen.links.cloud.functions import FUNCTIONS
from custom_components.instagen.plant.evidence import Evidence

from .people import ACCOUNT, DTU, INVERTER, MICRO

DIALECT = Dialect(codes=UNPROVEN_CODES, digest=lambda password: f"<{password}>")
LOGIN = {"user_name": "ann", "password": "<secret>", "name": "Ann Owner"}
CONTACTS = NewAccount(
    login=" ann ", password="secret", full_name="Ann Owner", phone="5", email="a@b.c"
)

BODIES: list[tuple[Request, str, Mapping[str, object]]] = [
    (
        CreatePlant(
            title=" Mill ",
            code=1,
            capacity=6.0,
            address="1 Example Road",
            latitude=51.5,
            longitude=-0.1,
            time_zone="Europe/London",
            organisation=345,
            cover="x.jpg",
        ),
        "create_plant",
        {
            "name": "Mill",
            "type": 1,
            "classify": 4,
            "capacitor": "6.0",
            "address": "1 Example Road",
            "latitude": "51.5",
            "longitude": "-0.1",
            "tz": "Europe/London",
            "gid": 345,
            "pic_path": "x.jpg",
        },
    ),
    (
        EditPlant(plant=1, capacity=7.5),
        "edit_plant",
        {"id": 1, "capacitor": "7.5"},
    ),
    (
        SaveRegulation(plant=1, grid_code="G98"),
        "save_regulation",
        {"id": 1, "data": {"grid_code": "G98"}},
    ),
    (ActivatePlant(plant=1), "activate_plant", {"id": 1}),
    (
        TransferPlant(plant=1, organisation=20),
        "transfer_plant",
        {"id": 1, "gid": 20},
    ),
    (DeletePlant(plant=1), "delete_plant", {"id": 1}),
    (
        FavouritePlant(plant=1, favourite=False),
        "favourite_plant",
        {"id": 1, "is_stars": 0},
    ),
    (BindOwner(plant=1, owner=9), "bind_owner", {"id": 1, "uid": 9}),
    (UnbindOwner(plant=1, owner=9), "unbind_owner", {"id": 1, "uid": 9}),
    (
        CreateOrganisation(
            parent=20,
            kind=OrganisationKind.INSTALLER,
            title="Lane",
            account=CONTACTS,
            contact="Bo",
        ),
        "create_organisation",
        {
            "pid": 20,
            "name": "Lane",
            "type": 4,
            "contact": "Bo",
            "user": LOGIN | {"phone": "5", "email": "a@b.c"},
        },
    ),
    (
        EditOrganisation(organisation=20, phone="5"),
        "edit_organisation",
        {"id": 20, "phone": "5"},
    ),
    (
        TransferOrganisation(organisation=20, parent=1),
        "transfer_organisation",
        {"id": 20, "pid": 1},
    ),
    (DeleteOrganisation(organisation=20), "delete_organisation", {"id": 20}),
    (
        CreateUser(
            organisation=345, role=AccountKind.NORMAL_INSTALLER, account=ACCOUNT
        ),
        "create_user",
        LOGIN | {"gid": 345, "role_ids": [21]},
    ),
    (DeleteUser(organisation=345, user=5), "delete_user", {"id": 5}),
    (
        CreateOwner(organisation=345, account=ACCOUNT, plant=1),
        "create_owner",
        LOGIN | {"gid": 345, "sid": 1},
    ),
    (
        EditOwner(owner=9, email="a@b.c"),
        "edit_owner",
        {"id": 9, "email": "a@b.c"},
    ),
    (
        ResetOwnerPassword(owner=9, password="new"),
        "reset_owner_password",
        {"id": 9, "password": "<new>"},
    ),
    (DeleteOwner(organisation=345, owner=9), "delete_owner", {"id": 9}),
    (ChangeEmail(email=" a@b.c "), "change_email", {"email": "a@b.c"}),
    (
        ChangePassword(old="old", new="new"),
        "change_password",
        {"old_password": "<old>", "new_password": "<new>"},
    ),
    (
        AddDtu(plant=1, serial="4301 0000-0001"),
        "add_dtu",
        {"sid": 1, "sn": "430100000001"},
    ),
    (
        ReplaceDtu(plant=1, device=DTU, serial="430100000002"),
        "replace_dtu",
        {"id": 501, "sid": 1, "sn": "430100000002"},
    ),
    (DeleteDevice(plant=1, device=DTU), "delete_dtu", {"id": 501, "sid": 1}),
    (
        DeleteDevice(plant=1, device=INVERTER),
        "delete_inverter",
        {"id": 601, "sid": 1},
    ),
    (
        ReadGridProfile(plant=1, device=INVERTER),
        "read_configuration",
        {"cfg_type": 0, "dev_sn": "200300000001", "dtu_sn": "430100000001"},
    ),
    (
        ReadGridProfile(plant=1, device=MICRO),
        "read_setting",
        {
            "action": 41,
            "dev_type": 3,
            "dev_sn": "116400000001",
            "dtu_sn": "430100000001",
        },
    ),
]


@pytest.mark.parametrize(
    ("request_", "function", "body"),
    BODIES,
    ids=[f"{type(row[0]).__name__}-{row[1]}" for row in BODIES],
)
def test_a_request_calls_its_function_with_its_body(
    request_: Request, function: str, body: Mapping[str, object]
) -> None:
    assert request_.function == function
    assert request_.body(DIALECT) == body
    assert request_.evidence is FUNCTIONS[function].evidence


# facts/cloud-api.md 4.8: device type and action of each command.
ACTIONS = {
    "restart_dtu": (1, 27, Evidence.INFERRED),
    "restore_dtu_defaults": (1, 4097, Evidence.UNKNOWN),
    "stop_dtu_command": (1, 4098, Evidence.UNKNOWN),
    "upgrade_dtu": (1, 2, Evidence.INFERRED),
    "networking": (1, 4101, Evidence.UNKNOWN),
    "inverter_on": (6, 6, Evidence.INFERRED),
    "inverter_off": (6, 7, Evidence.INFERRED),
    "restart_inverter": (6, 3, Evidence.INFERRED),
    "restore_inverter_defaults": (6, 8196, Evidence.UNKNOWN),
    "clear_inverter_history": (6, 8198, Evidence.UNKNOWN),
    "upload_data_now": (6, 8199, Evidence.UNKNOWN),
    "find_device": (6, 8200, Evidence.UNKNOWN),
    "select_battery_type": (6, 8201, Evidence.UNKNOWN),
}


@pytest.mark.parametrize("command", MaintenanceCommand)
def test_a_command_has_its_number_and_its_evidence(
    command: MaintenanceCommand,
) -> None:
    device = DTU if COMMANDS[command].kind is DeviceKind.DTU else INVERTER
    request = Maintain(plant=1, device=device, command=command)
    kind, action, evidence = ACTIONS[command]
    assert request.function == "command"
    assert request.evidence is evidence
    assert request.body(DIALECT) == {
        "action": action,
        "dev_type": kind,
        "dev_sn": device.serial,
        "dtu_sn": "430100000001",
        "data": {},
    }


def test_a_command_carries_what_it_needs() -> None:
    select = Maintain(
        plant=1,
        device=INVERTER,
        command=MaintenanceCommand.SELECT_BATTERY_TYPE,
        battery_type=2,
    )
    assert select.body(DIALECT)["data"] == {"bms_type": 2}
    package = {"id": "5", "path": "p", "name": "n", "crc": "c", "patch_ver": "1"}
    upgrade = Maintain(
        plant=1, device=DTU, command=MaintenanceCommand.UPGRADE_DTU, package=package
    )
    assert upgrade.body(DIALECT)["data"] == {
        "upg_patch_id": "5",
        "file_uri": "p",
        "file_name": "n",
        "file_crc": "c",
    }


def test_a_code_nobody_knows_is_not_sent() -> None:
    public = Dialect(codes=PUBLIC_CODES, digest=str)
    create = CreateOrganisation(
        parent=20, kind=OrganisationKind.INSTALLER, title="x", account=ACCOUNT
    )
    assert "type" not in create.body(public)
    user = CreateUser(organisation=20, role=AccountKind.SUB_INSTALLER, account=ACCOUNT)
    assert user.body(public)["role_ids"] == []
