"""What is sent in place of a password (facts/cloud-api.md 3.3)."""

import asyncio
from base64 import b64decode, b64encode
import binascii
import hashlib
from typing import Final

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from .brands import Digest

_LENGTH: Final = 32
_ROUNDS: Final = 3
_MEMORY: Final = 32_768
"""KiB; some tens of milliseconds, so never in the event loop."""


async def answer(password: str, salt: str) -> str:
    """Return what proves a password to somebody who sent a salt."""
    return await asyncio.to_thread(_argon2, password, _salt_bytes(salt))


def digest(password: str, kind: Digest) -> str:
    """Return what proves a password where there is no salt."""
    raw = password.encode()
    # The cloud's recipe, not our choice; TLS is what keeps it secret.
    md5 = hashlib.md5(raw, usedforsecurity=False).hexdigest()
    if kind is Digest.MD5:
        return md5
    return f"{md5}.{b64encode(hashlib.sha256(raw).digest()).decode()}"


def _argon2(password: str, salt: bytes) -> str:
    kdf = Argon2id(
        salt=salt, length=_LENGTH, iterations=_ROUNDS, lanes=1, memory_cost=_MEMORY
    )
    return kdf.derive(password.encode()).hex()


def _salt_bytes(salt: str) -> bytes:
    """Read a salt: hex, and base64 where it cannot be hex.

    Raises ``ValueError`` when it is neither.
    """
    try:
        return bytes.fromhex(salt)
    except ValueError:
        return _from_base64(salt)


def _from_base64(salt: str) -> bytes:
    try:
        return b64decode(salt, validate=True)
    except binascii.Error as err:
        raise ValueError("a salt that cannot be read") from err
