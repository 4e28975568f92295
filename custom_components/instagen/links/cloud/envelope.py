"""The two front doors: how a request is dressed and an answer undressed.

(facts/cloud-api.md 1.1, 2.1 and 2.2)
"""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import hdrs

from .brands import Brand, Door
from .errors import CloudError, Trouble, refusal
from .function import Function
from .transport import File, Post

_SUCCESS: Final = "0"


def call(brand: Brand, function: Function, body: object, token: str | None) -> Post:
    """Dress a request for the brand's front door."""
    gateway = brand.door is Door.GATEWAY
    return Post(
        url=brand.url_of(function.gateway_path if gateway else function.path),
        body=wrapped(body) if gateway else body,
        headers=headers(brand, token),
        write=function.writes,
    )


def upload(brand: Brand, function: Function, file: File, token: str) -> Post:
    """Dress a file. The gateway has no such function, so the other door takes it."""
    return Post(
        url=brand.base.with_path(function.path),
        body=None,
        headers={**headers(brand, token), hdrs.AUTHORIZATION: token},
        write=True,
        file=file,
    )


def wrapped(body: object, *, login: bool = False) -> dict[str, Any]:
    """Wrap a body as the portals do."""
    extra = {"ERROR_BACK": True, "LOAD": {"loading": True}} if login else {}
    return {**extra, "body": body, "WAITING_PROMISE": True}


def headers(brand: Brand, token: str | None) -> Mapping[str, str]:
    """Return the headers of a request; without a token before the login."""
    dressed = {hdrs.USER_AGENT: brand.user_agent, "language": brand.language}
    if token is None:
        return dressed
    if brand.door is Door.MICRO_SERVICE:
        return {**dressed, hdrs.AUTHORIZATION: token}
    cookie = f"{brand.cookie}={token}; {brand.cookie}_language={brand.language}"
    return {**dressed, hdrs.COOKIE: cookie}


def opened(answer: object) -> Any:
    """Return what an answer's envelope holds; raise ``CloudError`` for a refusal."""
    if not isinstance(answer, dict) or "status" not in answer:
        # An empty reply is how the cloud says "too often" (facts/cloud-api.md 9).
        raise CloudError(Trouble.GARBLED if answer else Trouble.THROTTLED)
    status = str(answer["status"])
    if status != _SUCCESS:
        raise refusal(status, str(answer.get("message") or ""))
    return answer.get("data")
