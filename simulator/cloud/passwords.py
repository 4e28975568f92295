"""What clients send in place of a password (facts/cloud-api.md 3.3)."""

from base64 import b64encode
from functools import cache
from hashlib import md5, sha256
import re
from typing import Final

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

_DIGEST: Final = re.compile(r"[0-9a-f]{32}\.[A-Za-z0-9+/]{43}=")


def digest_of(password: str) -> str:
    """Return ``md5hex.base64sha256``."""
    raw = password.encode()
    md5_hex = md5(raw, usedforsecurity=False).hexdigest()
    return f"{md5_hex}.{b64encode(sha256(raw).digest()).decode()}"


def is_digest(text: str) -> bool:
    """Tell whether a text has the shape of a digest."""
    return _DIGEST.fullmatch(text) is not None


@cache
def argon2_of(password: str, salt: str) -> str:
    """Return the Argon2id of a password in hex; slow, so not for the event loop."""
    kdf = Argon2id(
        salt=bytes.fromhex(salt), length=32, iterations=3, lanes=1, memory_cost=32_768
    )
    return kdf.derive(password.encode()).hex()
