"""One account at the cloud: when to log in, when not to, and with which token to ask.

A failed login counts against the account wherever it came from, so a wrong password
here could lock its owner out of the app (facts/cloud-api.md 3.8). Hence a credential that
was refused is never sent again, and a lock is waited out.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, override

from .auth import Attempt, Credentials, region_of
from .brands import Brand, Digest, Login
from .errors import CloudError, Trouble
from .transport import Transport


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to stay away from the login, in seconds."""

    between: float = 60.0
    """From one login to the next; doubled with each that failed."""

    longest: float = 600.0
    too_many: float = 600.0
    """After a refusal of too many logins; the cloud's own pause is 5 to 10 minutes."""

    locked: float = 43_200.0
    """After the refusal of the day's last failure (facts/cloud-api.md 3.8)."""


PATIENCE: Final = Patience()
_MOST_DOUBLINGS: Final = 10

_LASTING: Final = frozenset(
    {
        Trouble.WRONG_PASSWORD,
        Trouble.PASSWORD_EXPIRED,
        Trouble.WRONG_ACCOUNT_KIND,
        Trouble.OUTDATED_LOGIN,
        Trouble.REFUSED,
        Trouble.NO_PERMISSION,
    }
)
"""Refusals that the same credentials would meet again."""


class CloudSession:
    """Holds the token of one account. Other credentials want another session."""

    def __init__(
        self,
        transport: Transport,
        brand: Brand,
        who: Credentials,
        *,
        patience: Patience = PATIENCE,
    ) -> None:
        """Take a way to send; nothing is sent before the first request."""
        self.transport = transport
        self.brand = brand
        self._who = who
        self._patience = patience
        self._lock = asyncio.Lock()
        self._token: str | None = None
        self._refused: Trouble | None = None
        self._not_before = float("-inf")
        self._reason = Trouble.TOO_MANY_LOGINS
        self._failures = 0
        self._way: tuple[Login, Digest] | None = None
        """The way that was accepted last; from then on it is the only one."""
        self._region: int | None = None
        self._looked_for_region = not brand.finds_region

    async def token(self) -> str:
        """Return a token, logging in for it if there is none."""
        if self._token is None:
            await self._renew(None)
        assert self._token is not None  # noqa: S101 - _renew raises otherwise
        return self._token

    async def renew(self, refused: str) -> str:
        """Return another token than the one that was refused.

        Many requests may be refused at once; one of them logs in for all.
        """
        await self._renew(refused)
        return await self.token()

    async def _renew(self, refused: str | None) -> None:
        async with self._lock:
            if self._token == refused:
                self._token = None
                self._check()
                self._token = await self._log_in()

    def _check(self) -> None:
        """Raise when it is not the time for a login, or never will be."""
        if self._refused is not None:
            raise CloudError(self._refused)
        left = self._not_before - self.transport.clock()
        if left > 0:
            raise CloudError(self._reason, retry_after=left)

    async def _log_in(self) -> str:
        """Try the ways that are worth trying, each once."""
        # Should nobody live to hear the answer, the attempt has counted all the same.
        self._wait(self._patience.between, Trouble.TOO_MANY_LOGINS)
        if not self._looked_for_region:
            self._region = await region_of(
                self.transport, self.brand, self._who.account
            )
            self._looked_for_region = True
        error = CloudError(Trouble.OUTDATED_LOGIN)
        for login in self._logins():
            try:
                token = await self._try(login)
            except CloudError as err:
                error = err
                if err.trouble is not Trouble.OUTDATED_LOGIN:
                    break
            else:
                self._failures = 0
                self._wait(self._patience.between, Trouble.TOKEN_REFUSED)
                return token
        self._fail(error)
        raise error

    def _logins(self) -> tuple[Login, ...]:
        """Return the generations to try, the one that worked last before the others."""
        if self._way is None:
            return self.brand.logins
        last = self._way[0]
        return (last, *(login for login in self.brand.logins if login is not last))

    async def _try(self, login: Login) -> str:
        """Log in with each digest until one is accepted; raise the last refusal."""
        kinds = self.brand.digests
        if login is Login.V3:
            kinds = kinds[:1]  # the cloud's salt decides
        if self._way is not None and self._way[0] is login:
            kinds = (self._way[1],)
        error = CloudError(Trouble.OUTDATED_LOGIN)
        for kind in kinds:
            try:
                token = await Attempt(
                    self.transport,
                    self.brand,
                    self._who,
                    login=login,
                    kind=kind,
                    region=self._region,
                ).log_in()
            except CloudError as err:
                error = err
                if err.trouble is not Trouble.WRONG_PASSWORD:
                    break
            else:
                self._way = (login, kind)
                return token
        raise error

    def _fail(self, error: CloudError) -> None:
        """Remember a failure for as long as it lasts."""
        patience = self._patience
        if error.trouble in _LASTING:
            self._refused = error.trouble
        elif error.trouble is Trouble.LOCKED_OUT:
            self._wait(patience.locked, error.trouble)
        elif error.trouble is Trouble.TOO_MANY_LOGINS:
            self._wait(patience.too_many, error.trouble)
        else:
            pause = min(patience.between * 2**self._failures, patience.longest)
            self._failures = min(self._failures + 1, _MOST_DOUBLINGS)
            self._wait(pause, error.trouble)

    def _wait(self, seconds: float, reason: Trouble) -> None:
        self._not_before = self.transport.clock() + seconds
        self._reason = reason

    # ---- what outlives it ----

    def snapshot(self) -> dict[str, Any]:
        """Return what must survive a restart, as plain data without a secret.

        It belongs to these credentials: whoever changes them throws it away.
        """
        left = self._not_before - self.transport.clock()
        return {
            "way": [part.value for part in self._way] if self._way else None,
            "refused": self._refused.value if self._refused else None,
            "wait": round(left) if left > 0 else 0,
            "reason": self._reason.value,
        }

    def restore(self, stored: Mapping[str, Any], *, age: float) -> None:
        """Take over what ``snapshot`` returned ``age`` seconds ago.

        What cannot be read is passed over: it may be of another version.
        """
        with suppress(KeyError, TypeError, ValueError):
            left = float(stored["wait"]) - age
            if left > 0:
                self._wait(left, Trouble(stored["reason"]))
            if stored["refused"] is not None:
                self._refused = Trouble(stored["refused"])
            if stored["way"] is not None:
                login, kind = stored["way"]
                self._way = (Login(login), Digest(kind))

    @override
    def __repr__(self) -> str:
        return f"CloudSession({self.brand.slug})"
