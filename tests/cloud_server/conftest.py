"""A reference cloud on loopback and plain HTTP to it; Home Assistant stays out."""

from collections.abc import AsyncGenerator
import json
from typing import Any

from aiohttp import ClientSession
import pytest

from simulator.cloud import PASSWORDS, Cloud, serve_cloud
from simulator.cloud.passwords import digest_of
from simulator.cloud.table import FUNCTIONS

DIGEST = digest_of("New#Password1")


@pytest.fixture(autouse=True)
def _our_integration() -> None:
    """Leave Home Assistant out, which the fixture of this name would start."""


@pytest.fixture(autouse=True)
def _no_pause(socket_enabled: None) -> None:
    """Let real sockets through."""


class Client:
    """Somebody at the cloud's door."""

    def __init__(self, cloud: Cloud, http: ClientSession) -> None:
        self.cloud, self.http, self.token = cloud, http, ""

    async def raw(
        self, key: str, body: dict[str, Any] | None = None, *, base: str = ""
    ) -> tuple[int, bytes]:
        """Return HTTP status and bytes."""
        headers = {"Authorization": self.token} if self.token else {}
        url = (base or self.cloud.base_url) + FUNCTIONS[key].path
        async with self.http.post(
            url, json=body or {}, headers=headers, allow_redirects=False
        ) as answer:
            return answer.status, await answer.read()

    async def envelope(self, key: str, /, **body: Any) -> dict[str, Any]:
        """Return the whole answer."""
        _, raw = await self.raw(key, body)
        found: dict[str, Any] = json.loads(raw)
        return found

    async def ask(self, key: str, /, **body: Any) -> Any:
        """Return the data of an answer that has to be good."""
        envelope = await self.envelope(key, **body)
        assert (envelope["status"], envelope["message"]) == ("0", "success"), envelope
        return envelope["data"]

    async def refused(self, key: str, /, **body: Any) -> str:
        """Return status and message of an answer that has to be a refusal."""
        envelope = await self.envelope(key, **body)
        assert envelope["status"] != "0", envelope
        assert envelope["data"] is None
        return f"{envelope['status']} {envelope['message']}"

    async def log_in(self, user: str, password: str = "") -> Client:
        """Log in the oldest way."""
        digest = digest_of(password or PASSWORDS[user])
        data = await self.ask("login_v0", user_name=user, password=digest)
        self.token = data["token"]
        return self

    async def as_(self, user: str, password: str = "") -> Client:
        """Return another client that is logged in."""
        return await Client(self.cloud, self.http).log_in(user, password)


NO = "3 No Permission"


@pytest.fixture
async def http() -> AsyncGenerator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def home(http: ClientSession) -> AsyncGenerator[Client]:
    """Return somebody at the door of a household's cloud."""
    async with serve_cloud("home") as cloud:
        yield Client(cloud, http)


@pytest.fixture
async def firm(http: ClientSession) -> AsyncGenerator[Client]:
    """Return somebody at the door of an installer's cloud with twenty plants."""
    async with serve_cloud("installer") as cloud:
        yield Client(cloud, http)
