"""Log-in in all its generations, sessions, and what keeps guessers out.

Facts: facts/cloud-api.md section 3.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any, Final

from .call import Call, Handler
from .errors import Refused, RuleBroken
from .passwords import argon2_of
from .world import Row, World

TENANT: Final = 197
"""Brand id of Solenso, which was seen (facts/cloud-api.md section 6); Instagen's is unknown."""

_MINUTE: Final = timedelta(minutes=1)
_WRONG: Final = "The user name or password is incorrect"


class Elsewhere(Exception):  # noqa: N818  an answer: 307 to the account's own host
    """The account's home is another host."""

    def __init__(self, dc: int) -> None:
        """Take the data centre to go to."""
        super().__init__(dc)
        self.dc = dc


@dataclass(slots=True)
class Session:
    """A token that was given out."""

    uid: int
    ends: datetime


class LogIn:
    """Gives out tokens and nonces."""

    def __init__(self, world: World) -> None:
        """Take the world with the accounts."""
        self._world = world
        self.sessions: dict[str, Session] = {}
        self._nonces: dict[str, str] = {}
        self._tries: dict[str, deque[datetime]] = {}
        self._closed: dict[str, datetime] = {}
        self._wrong: dict[tuple[str, str], int] = {}
        self.expiry_face = "100"
        """What an expired token is answered with: "100", or "1" and a text."""

    # -- sessions ----

    def session(self, token: str) -> Session | None:
        """Return the session of a token that still lives."""
        session = self.sessions.get(token)
        if session and session.ends > self._world.clock.true:
            return session
        self.sessions.pop(token, None)
        return None

    def end_sessions(self, uid: int, *, but: str = "") -> None:
        """End the sessions of an account, all or all but one."""
        self.sessions = {
            token: session
            for token, session in self.sessions.items()
            if session.uid != uid or token == but
        }

    def expire_all(self) -> None:
        """Let every token be too old now."""
        self.sessions.clear()

    def not_logged_in(self) -> Refused:
        """Return the refusal of a token that is not or no longer good."""
        if self.expiry_face == "1":
            return Refused("1", "token error")
        return Refused("100", "Login information is invalid")

    # -- nonces ----

    def nonce(self, login: str) -> str:
        """Return a nonce for one attempt."""
        nonce = f"{self._world.random.getrandbits(128):032x}"
        self._nonces[nonce] = login.casefold()
        return nonce

    def use_nonce(self, nonce: str, login: str) -> None:
        """Use a nonce up.

        Raises:
            RuleBroken: when it is not one, was used, or is another account's.
        """
        if self._nonces.pop(nonce, None) != login.casefold():
            raise RuleBroken("Invalid nonce")

    # -- who knocks ----

    def account(self, login: str) -> Row | None:
        """Return the account of a name or an e-mail address."""
        return self._world.one(
            "SELECT * FROM users WHERE user_name = ?1"
            " OR (email = ?1 AND email <> '') ORDER BY user_name = ?1 DESC",
            login,
        )

    def knock(self, login: str) -> None:
        """Count an attempt.

        Raises:
            RuleBroken: when there were too many.
        """
        world, now, key = self._world, self._world.clock.true, login.casefold()
        policy = world.policy
        if self._wrong.get((key, f"{now:%F}"), 0) >= policy.wrong_passwords_per_day:
            raise RuleBroken(
                "The number of incorrect passwords exceeds the daily maximum limit"
            )
        if (until := self._closed.get(key)) and now < until:
            raise RuleBroken("login times limited")
        tries = self._tries.setdefault(key, deque())
        while tries and now - tries[0] >= _MINUTE:
            tries.popleft()
        if len(tries) >= policy.logins_per_minute:
            self._closed[key] = now + timedelta(seconds=policy.login_pause)
            raise RuleBroken("login times limited")
        tries.append(now)

    def admit(self, login: str, account: Row | None, *, right: bool) -> dict[str, Any]:
        """Return a token, or refuse and remember it.

        Raises:
            RuleBroken: when the password is wrong.
        """
        now = self._world.clock.true
        if account is None or not right:
            key = (login.casefold(), f"{now:%F}")
            self._wrong[key] = self._wrong.get(key, 0) + 1
            raise RuleBroken(_WRONG)
        token = f"2.{self._world.random.getrandbits(160):040x}.{account['dc']}"
        ends = now + timedelta(seconds=self._world.policy.token_life)
        self.sessions[token] = Session(account["id"], ends)
        return {"token": token}


def _region(call: Call) -> object:
    account = call.world.log_in.account(call.text("email"))
    if account is None:
        return {"login_url": "", "dc": -1}
    return {"login_url": _host(call, account["dc"]), "dc": account["dc"]}


def _host(call: Call, dc: int) -> str:
    return call.base_url if dc == call.dc else call.world.hosts.get(dc, call.base_url)


def _pre_login(call: Call) -> object:
    login = call.text("u")
    account = call.world.log_in.account(login)
    if not call.world.policy.v3:
        raise Refused("1", "Not Found")
    _stay(call, account)
    salt = account["salt"] if account else None
    version = -1 if account is None else 3 if salt else 2
    return {
        "n": call.world.log_in.nonce(login),
        "a": salt,
        "v": version,
        "dc": account["dc"] if account else 0,
        "f": 0,
        "t": TENANT,
        "u": login,
    }


def _stay(call: Call, account: Row | None) -> None:
    """Send an account home when the policy is strict about it."""
    if call.world.policy.home_region and account and account["dc"] != call.dc:
        raise Elsewhere(account["dc"])


async def _login_v3(call: Call) -> object:
    door, login, said = call.world.log_in, call.text("u"), call.text("ch")
    door.use_nonce(call.text("n"), login)
    account = door.account(login)
    _stay(call, account)
    door.knock(login)
    wanted = ""
    if account is not None and account["salt"]:
        wanted = await asyncio.to_thread(argon2_of, account["clear"], account["salt"])
    elif account is not None:
        wanted = account["digest"]
    return door.admit(login, account, right=compare_digest(said, wanted))


def _login_v0(call: Call) -> object:
    policy = call.world.policy
    if not (policy.gateway if call.gateway else policy.v0):
        raise RuleBroken("The app version is low, please upgrade")
    return _by_digest(call, short=True)


def _login_c(call: Call) -> object:
    return _by_digest(call, short=False)


def _by_digest(call: Call, *, short: bool) -> object:
    door, login = call.world.log_in, call.text("user_name")
    said = call.text("password")
    account = door.account(login)
    _stay(call, account)
    door.knock(login)
    digest = account["digest"] if account else ""
    wanted = [digest, digest[:32]] if short else [digest]
    return door.admit(login, account, right=bool(digest) and said in wanted)


def _logout(call: Call) -> object:
    call.world.log_in.sessions.pop(call.token, None)
    return True


HANDLERS: Final[Mapping[str, Handler]] = {
    "region": _region,
    "pre_login": _pre_login,
    "login_v3": _login_v3,
    "login_v0": _login_v0,
    "login_c": _login_c,
    "logout": _logout,
}
