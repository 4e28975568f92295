"""A small client of Home Assistant's own interfaces."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, ClientWebSocketResponse

from . import LiveError

TIMEOUT = ClientTimeout(total=60)

USER = "demo"
PASSWORD = "demo"

HOME = {
    "country": "GB",
    "currency": "GBP",
    "location_name": "Demo home",
    "time_zone": "Europe/London",
}
"""Where the simulated plant stands; without a country Home Assistant complains."""


class Client:
    """Home Assistant over REST, with the rights of the user who set it up."""

    def __init__(self, session: ClientSession, base: str) -> None:
        """Talk to the instance at an address such as ``http://127.0.0.1:8124``."""
        self._session = session
        self.base = base
        # By custom an address with a final slash is who a client is to Home Assistant.
        self.client_id = f"{base}/"
        self.refresh_token = ""
        self._access_token = ""

    async def is_up(self) -> bool | None:
        """Tell whether the frontend answers; None when it does not, yet.

        Whatever the first steps need is set up before it.
        """
        try:
            async with self._session.get(f"{self.base}/manifest.json") as response:
                return True if response.ok else None
        except ClientError, TimeoutError:
            return None

    async def onboard(self) -> None:
        """Create the first user and close every step of the welcome."""
        answer = await self.post(
            "onboarding/users",
            {
                "name": USER.capitalize(),
                "username": USER,
                "password": PASSWORD,
                "client_id": self.client_id,
                "language": "en",
            },
        )
        await self._take_tokens(
            grant_type="authorization_code", code=answer["auth_code"]
        )
        await self.post("onboarding/core_config", {})
        async with self.socket() as socket:
            await socket.call("config/core/update", **HOME)
        await self.post("onboarding/analytics", {})
        await self.post(
            "onboarding/integration",
            {"client_id": self.client_id, "redirect_uri": self.client_id},
        )

    async def log_in(self, refresh_token: str, client_id: str) -> None:
        """Continue with the login of an earlier run, perhaps on another port."""
        self.client_id = client_id
        self.refresh_token = refresh_token
        await self._take_tokens(grant_type="refresh_token", refresh_token=refresh_token)

    async def _take_tokens(self, **form: str) -> None:
        url = f"{self.base}/auth/token"
        form["client_id"] = self.client_id
        async with self._session.post(url, data=form) as response:
            if not response.ok:
                raise LiveError(f"login refused: {await response.text()}")
            tokens = await response.json()
        self._access_token = tokens["access_token"]
        self.refresh_token = tokens.get("refresh_token", self.refresh_token)

    async def get(self, path: str) -> Any:
        """Read a resource below ``/api``."""
        return await self._request("GET", path, None)

    async def post(self, path: str, data: object) -> Any:
        """Send to a resource below ``/api`` and return its answer."""
        return await self._request("POST", path, data)

    async def _request(self, method: str, path: str, data: object) -> Any:
        headers = {}
        if self._access_token:
            headers["Authorization"] = f"Bearer {self._access_token}"
        async with self._session.request(
            method, f"{self.base}/api/{path}", json=data, headers=headers
        ) as response:
            if not response.ok:
                text = (await response.text()).strip()
                raise LiveError(f"{method} {path}: {response.status} {text}")
            return await response.json()

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[Socket]:
        """Open the WebSocket interface."""
        async with self._session.ws_connect(f"{self.base}/api/websocket") as connection:
            await connection.receive_json()
            await connection.send_json(
                {"type": "auth", "access_token": self._access_token}
            )
            if (await connection.receive_json())["type"] != "auth_ok":
                raise LiveError("the WebSocket refused the login")
            yield Socket(connection)


class Socket:
    """The WebSocket interface, one command at a time."""

    def __init__(self, connection: ClientWebSocketResponse) -> None:
        """Take a connection that is logged in."""
        self._connection = connection
        self._numbers = count(1)

    async def call(self, command: str, **fields: object) -> Any:
        """Send a command and return its result."""
        number = next(self._numbers)
        await self._connection.send_json({"id": number, "type": command, **fields})
        while (answer := await self._connection.receive_json(timeout=60))[
            "id"
        ] != number:
            pass
        if not answer["success"]:
            raise LiveError(f"{command}: {answer['error']}")
        return answer["result"]


@asynccontextmanager
async def connected(base: str) -> AsyncIterator[Client]:
    """Give a client of one instance."""
    async with ClientSession(timeout=TIMEOUT) as session:
        yield Client(session, base)
