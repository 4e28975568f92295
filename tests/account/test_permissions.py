"""Who may do what: facts/cloud-model.md 4, and the notes of the manual behind it."""

from dataclasses import replace

import pytest

from custom_components.instagen.account.commands import MaintenanceCommand
from custom_components.instagen.account.model import (
    AccountKind,
)
from custom_components.instagen.account.permissions import (
    RIGHTS,
    Permission,
    Right,
    offered,
    permission,
)
from custom_components.instagen.account.requests import (
    DeleteOwner,
    DeletePlant,
    Maintain,
)
from custom_components.instagen.account.rules import (
    Rule,
    RuleError,
    permit,
)

from .every_request import (
    END_USER,
    EVERY_REQUEST,
    NEW_OWNER,
    NEW_PLANT,
    NORMAL,
    SUB,
)
from .people import (
    DTU,
    MILL,
    refusal,
    view,
)

# ---- 4 who may do what ----

# The table of the facts, written out again.
TABLE = """
view               yes*  yes*  yes*  yes*  yes
smart_control      yes*  yes*  ?     no    yes
create_plant       yes   yes   yes*  yes   no
edit_plant         yes*  yes*  yes*  yes   no
networking         yes*  yes*  yes*  yes   no
transfer_plant     yes*  yes*  ?     no    no
delete_plant       yes*  yes*  ?     no    no
advanced_settings  yes*  yes*  ?     no    no
maintenance        yes*  yes*  ?     no    no
reports            yes*  yes*  yes*  ?     ?
grid_profile       yes*  yes*  ?     no    no
create_distributor yes   no    no    no    no
create_installer   yes   yes   no    no    no
organisation_users yes*  yes   no    no    no
owners             yes*  yes*  ?     no    no
own_account        yes   yes   yes   yes   yes
"""
MARKS = {
    "yes": Permission.YES,
    "yes*": Permission.IMPLIED,
    "no": Permission.NO,
    "?": Permission.NOT_STATED,
}


@pytest.mark.parametrize("line", TABLE.strip().splitlines(), ids=lambda line: line[:18])
def test_4_who_may_do_what(line: str) -> None:
    right, *marks = line.split()
    row = RIGHTS[Right(right)]
    assert list(row.permissions.values()) == [MARKS[mark] for mark in marks]


def test_4_the_whole_table_is_there() -> None:
    told = {Right(line.split()[0]) for line in TABLE.strip().splitlines()}
    assert set(RIGHTS) == set(Right)
    assert set(Right) - told == {Right.FAVOURITE, Right.EDIT_ORGANISATION}


@pytest.mark.parametrize("right", Right)
def test_4_only_a_stated_no_hides_and_refuses(right: Right) -> None:
    assert permission(None, right) is Permission.NOT_STATED
    for kind in (*AccountKind, None):
        denied = permission(kind, right) is Permission.NO
        assert offered(kind, right) is not denied
        if denied:
            with pytest.raises(RuleError):
                permit(kind, right)
        else:
            permit(kind, right)


def test_3_2_note_3_a_sub_installer_does_exactly_three_things() -> None:
    """And what is said of everybody: looking at a plant and their own account."""
    allowed = {
        type(request).__name__
        for request in EVERY_REQUEST
        if refusal(request, view(SUB)) is None
    }
    assert allowed == {
        # create a plant, with its steps
        "CreatePlant",
        "SaveRegulation",
        "ActivatePlant",
        "AddDtu",
        # edit a plant
        "EditPlant",
        "BindOwner",
        "UnbindOwner",
        # not stated, or everybody's
        "FavouritePlant",
        "ReadGridProfile",
        "ChangeEmail",
        "ChangePassword",
    }
    networking = Maintain(plant=1, device=DTU, command=MaintenanceCommand.NETWORKING)
    assert refusal(networking, view(SUB)) is None
    assert refusal(replace(NEW_OWNER, plant=1), view(SUB)) is None


def test_3_2_note_3_a_sub_installer_is_told_the_reason() -> None:
    assert refusal(DeletePlant(plant=3), view(SUB)) == (
        Rule.SUB_INSTALLER_LIMITS,
        "3.2 n3",
    )


def test_3_2_note_3_a_sub_installer_has_no_smart_control() -> None:
    with pytest.raises(RuleError, match=r"3\.2 n3"):
        permit(SUB, Right.SMART_CONTROL)


def test_4_a_normal_installers_rights_are_left_to_the_server() -> None:
    assert refusal(DeletePlant(plant=3), view(NORMAL)) is None
    assert refusal(DeleteOwner(organisation=MILL, owner=9), view(NORMAL)) is None


def test_11_11_end_users_write_nothing_but_smart_control_and_their_account() -> None:
    allowed = {
        type(request).__name__
        for request in EVERY_REQUEST
        if refusal(request, view(END_USER)) is None
    }
    assert allowed == {"ChangeEmail", "ChangePassword", "ReadGridProfile"}
    assert refusal(NEW_PLANT, view(END_USER)) == (Rule.END_USER_LIMITS, "3.2 n1")
    permit(END_USER, Right.SMART_CONTROL)
