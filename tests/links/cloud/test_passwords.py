"""What is sent in place of a password (facts/cloud-api.md 3.3)."""

import asyncio
from time import monotonic

import pytest

from custom_components.instagen.links.cloud.brands import Digest
from custom_components.instagen.links.cloud.passwords import answer, digest

from .server import DIGEST


@pytest.mark.parametrize(
    ("password", "salt", "expected"),
    [
        (
            "testpassword123",
            "d5e3f019748d7a36d69840fdfd873d15",
            "3c5d1ece590f242aa94b901f3940ebfd89b7bd0fdd21132a69e4321d6436a409",
        ),
        (
            "Instagen#Demo1",
            "00112233445566778899aabbccddeeff",
            "f94f38364ff25c4f15d77bd589e8ff4ace68d870e3d865dab8c7712c1b48abb3",
        ),
        (
            "Instagen#Demo1",
            "ABEiM0RVZneImaq7zN3u/w==",
            "f94f38364ff25c4f15d77bd589e8ff4ace68d870e3d865dab8c7712c1b48abb3",
        ),
    ],
    ids=["hex", "hex again", "base64"],
)
async def test_with_a_salt(password: str, salt: str, expected: str):
    assert await answer(password, salt) == expected


def test_without_a_salt():
    assert digest("Instagen#Demo1", Digest.MD5_SHA256) == DIGEST
    assert digest("Instagen#Demo1", Digest.MD5) == "113b15eadadf4e667606d90df4cb59fd"


@pytest.mark.parametrize("salt", ["no salt!", "abc", "00"])
async def test_a_salt_that_is_none(salt: str):
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        await answer("secret", salt)


async def test_the_loop_goes_on_meanwhile():
    longest = 0.0
    work = asyncio.ensure_future(answer("secret", "00112233445566778899aabbccddeeff"))
    while not work.done():
        begin = monotonic()
        await asyncio.sleep(0)
        longest = max(longest, monotonic() - begin)
    assert longest < 0.05
