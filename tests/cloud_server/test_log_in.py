"""Every generation of log-in, sessions, lockout (facts/cloud-api.md section 3)."""

import asyncio
from hashlib import md5
from typing import Any

import pytest

from simulator.cloud import PASSWORDS
from simulator.cloud.passwords import argon2_of, digest_of
from simulator.cloud.server import GATEWAY

from .conftest import DIGEST, Client

OWNER_HASH = "3c5d1ece590f242aa94b901f3940ebfd89b7bd0fdd21132a69e4321d6436a409"
INSTALLER_HASH = "f94f38364ff25c4f15d77bd589e8ff4ace68d870e3d865dab8c7712c1b48abb3"
DEMO_DIGEST = (
    "113b15eadadf4e667606d90df4cb59fd.Ts9pML4B627I8PNroAXBtx2B0l9r0yt2Cs8RSAJOqSM="
)
WRONG = "1 The user name or password is incorrect"


async def v3(client: Client, user: str, said: str, *, base: str = "") -> dict[str, Any]:
    nonce = (await client.ask("pre_login", u=user))["n"]
    return await client.envelope("login_v3", u=user, ch=said, n=nonce)


def test_the_hashes_are_those_of_the_test_vectors() -> None:
    salts = ("d5e3f019748d7a36d69840fdfd873d15", "00112233445566778899aabbccddeeff")
    assert argon2_of("testpassword123", salts[0]) == OWNER_HASH
    assert argon2_of("Instagen#Demo1", salts[1]) == INSTALLER_HASH
    assert digest_of("Instagen#Demo1") == DEMO_DIGEST
    recorded = (
        "b8e134c5cb0dff96842724b7cb238500.FEMBBJ32xHaBEMWJk81VLFJs7+Oc2RIhq/4did7zVwA="
    )
    assert digest_of("NoCloud4Hoymiles") == recorded


@pytest.mark.parametrize(
    ("user", "said", "version"),
    [
        ("demo-owner", OWNER_HASH, 3),
        ("demo-owner@example.com", OWNER_HASH, 3),
        ("demo-installer", INSTALLER_HASH, 3),
        ("demo-normal", DEMO_DIGEST, 2),
    ],
)
async def test_v3_with_and_without_salt(
    home: Client, user: str, said: str, version: int
) -> None:
    first = await home.ask("pre_login", u=user)
    assert first["v"] == version
    assert (first["a"] is None) is (version == 2)
    envelope = await home.envelope("login_v3", u=user, ch=said, n=first["n"])
    home.token = envelope["data"]["token"]
    assert (await home.ask("me"))["user_name"] == user.removesuffix("@example.com")


async def test_a_nonce_serves_once_and_only_its_account(home: Client) -> None:
    nonce = (await home.ask("pre_login", u="demo-owner"))["n"]
    said = {"u": "demo-owner", "ch": OWNER_HASH, "n": nonce}
    assert (await home.refused("login_v3", **{**said, "u": "demo-sub"})) == (
        "1 Invalid nonce"
    )
    assert await home.refused("login_v3", **said) == "1 Invalid nonce"
    assert (await v3(home, "demo-owner", OWNER_HASH))["status"] == "0"


async def test_a_hash_with_the_wrong_salt_is_refused(home: Client) -> None:
    assert (await v3(home, "demo-owner", INSTALLER_HASH))["status"] == "1"
    assert (await home.ask("pre_login", u="nobody"))["v"] == -1


@pytest.mark.parametrize(
    "said", [DEMO_DIGEST, md5(b"Instagen#Demo1", usedforsecurity=False).hexdigest()]
)
async def test_v0_and_gateway_take_md5_and_the_long_digest(
    home: Client, said: str
) -> None:
    given = {"user_name": "demo-installer", "password": said}
    assert "token" in await home.ask("login_v0", **given)
    answer = await home.http.post(
        f"{home.cloud.base_url}{GATEWAY}iam/auth_login",
        json={"ERROR_BACK": True, "body": given, "WAITING_PROMISE": True},
    )
    told = await answer.json()
    assert told["systemNotice"] is None
    token = told["data"]["token"]
    for body in ({}, {"body": {}, "WAITING_PROMISE": True}):
        answer = await home.http.post(
            f"{home.cloud.base_url}{GATEWAY}iam/fun_api_1_user_me",
            json=body,
            headers={
                "Cookie": f"instagen_token_language=en_us; instagen_token={token}"
            },
        )
        assert (await answer.json())["data"]["user_name"] == "demo-installer"


async def test_each_door_takes_only_its_own_kind_of_token(home: Client) -> None:
    await home.log_in("demo-owner")
    url = f"{home.cloud.base_url}{GATEWAY}iam/user_me"
    answer = await home.http.post(url, json={}, headers={"Authorization": home.token})
    assert (await answer.json())["status"] == "100"
    home.token = f"Bearer {home.token}"
    assert (await home.refused("me")).startswith("100")


async def test_login_c_takes_only_the_long_digest(home: Client) -> None:
    given = {"user_name": "demo-owner", "password": digest_of("testpassword123")}
    assert "token" in await home.ask("login_c", **given)
    given["password"] = given["password"][:32]
    assert await home.refused("login_c", **given) == WRONG


async def test_v0_can_be_closed(home: Client) -> None:
    home.cloud.policy.v0 = False
    given = {"user_name": "demo-owner", "password": digest_of("testpassword123")}
    assert "app version is low" in await home.refused("login_v0", **given)


async def test_the_region_is_found_and_enforced(home: Client) -> None:
    found = await home.ask("region", email="far-installer@example.com")
    assert found == {"login_url": home.cloud.region_url, "dc": 1}
    assert await home.ask("region", email="nobody") == {"login_url": "", "dc": -1}
    home.cloud.policy.home_region = True
    status, _ = await home.raw("pre_login", {"u": "far-installer"})
    assert status == 307
    status, _ = await home.raw(
        "pre_login", {"u": "far-installer"}, base=home.cloud.region_url
    )
    assert status == 200


async def test_too_many_log_ins_close_the_door_for_five_minutes(home: Client) -> None:
    for _ in range(4):
        await home.as_("demo-owner")
    given = {"user_name": "demo-owner", "password": digest_of("testpassword123")}
    assert "login times limited" in await home.refused("login_v0", **given)
    home.cloud.advance(120)
    assert "login times limited" in await home.refused("login_v0", **given)
    await home.as_("demo-sub")
    home.cloud.advance(181)
    await home.as_("demo-owner")


async def test_five_wrong_passwords_lock_the_account_until_tomorrow(
    home: Client,
) -> None:
    for _ in range(5):
        assert (
            await home.refused("login_v0", user_name="demo-sub", password="x") == WRONG
        )
        home.cloud.advance(60)
    right = {"user_name": "demo-sub", "password": digest_of(PASSWORDS["demo-sub"])}
    assert "daily maximum limit" in await home.refused("login_v0", **right)
    home.cloud.advance(24 * 3600)
    assert "token" in await home.ask("login_v0", **right)


@pytest.mark.parametrize(("face", "told"), [("100", "100 "), ("1", "1 token error")])
async def test_a_token_ends_with_either_face(
    home: Client, face: str, told: str
) -> None:
    await home.log_in("demo-owner")
    home.cloud.advance(7100)
    await home.ask("me")
    home.cloud.advance(200)
    assert (await home.refused("me")).startswith("100")
    await home.log_in("demo-owner")
    home.cloud.fault("token_expired", face=face)
    assert (await home.refused("me")).startswith(told)


async def test_log_out_ends_one_session(home: Client) -> None:
    await home.log_in("demo-owner")
    other = await home.as_("demo-owner")
    await home.ask("logout")
    assert (await home.refused("me")).startswith("100")
    await other.ask("me")


async def test_own_e_mail_and_password(home: Client) -> None:
    """Manual 3.3: the old password is needed; other sessions end."""
    await home.log_in("demo-installer")
    other = await home.as_("demo-installer")
    assert await home.refused("change_email", email="nothing") == (
        "1 Parameter error: email"
    )
    taken = await home.refused("change_email", email="demo-owner@example.com")
    assert taken == "1 The account already exists"
    await home.ask("change_email", email="new@example.com")
    assert (await home.ask("me"))["email"] == "new@example.com"
    wrong = {"old_password": DIGEST, "new_password": DIGEST}
    assert "original password" in await home.refused("change_password", **wrong)
    await home.ask("change_password", old_password=DEMO_DIGEST, new_password=DIGEST)
    await home.ask("me")
    assert (await other.refused("me")).startswith("100")
    assert (await home.ask("pre_login", u="new@example.com"))["a"] is None
    assert (await v3(home, "demo-installer", DIGEST))["status"] == "0"


async def test_cancelling_an_account_needs_its_password(home: Client) -> None:
    await home.log_in("demo-sub")
    assert "original password" in await home.refused("cancel_account", password=DIGEST)
    await home.ask("cancel_account", password=DEMO_DIGEST)
    assert (await home.refused("me")).startswith("100")
    given = {"user_name": "demo-sub", "password": DEMO_DIGEST}
    assert await home.refused("login_v0", **given) == WRONG


async def test_more_than_five_requests_at_a_time_are_refused(home: Client) -> None:
    await home.log_in("demo-owner")
    home.cloud.fault("latency", seconds=0.1)
    answers = await asyncio.gather(*(home.raw("me") for _ in range(7)))
    assert sorted(status for status, _ in answers) == [200] * 5 + [429] * 2
