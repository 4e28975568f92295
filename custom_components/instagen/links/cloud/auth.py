"""Logging in: one attempt, in the way a brand's row names.

When to attempt it, and whether again, is the session's business.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, Final, override

from .brands import Brand, Digest, Login
from .envelope import headers, opened, wrapped
from .errors import CloudError, Trouble
from .functions import FUNCTIONS
from .passwords import answer, digest
from .transport import Post, Transport
from .values import mapping, whole

_UNKNOWN_ACCOUNT: Final = -1
_EXPIRED: Final = 1
_LONGEST_TOKEN: Final = 4096

_PASSWORD_HINTS: Final = ("password", "user name", "username", "account")
"""Words by which a refusal of the password is known; it has no number of its own."""

_NONCE_HINT: Final = "nonce"

_UNSETTLED: Final = frozenset({Trouble.REFUSED, Trouble.NO_PERMISSION})
"""What an envelope's number alone cannot tell at a login."""


@dataclass(frozen=True)
class Credentials:
    """Account name or e-mail, and password."""

    account: str
    password: str

    @override
    def __repr__(self) -> str:
        return "Credentials()"


async def region_of(transport: Transport, brand: Brand, account: str) -> int | None:
    """Ask in which data centre an account lives; None when that is not to be known.

    Only a region that the brand's row knows counts: a password goes to no other host.
    """
    post = Post(
        url=brand.login_url(FUNCTIONS["login_region"].path),
        body={"email": account},
        headers=headers(brand, None),
    )
    try:
        found = opened(await transport.json(post))
    except CloudError:
        return None  # the default host serves (facts/cloud-api.md 1.4)
    region = whole(mapping(found).get("dc"))
    return region if region in brand.regions else None


@dataclass(frozen=True)
class Attempt:
    """One attempt to log in, in one of the ways there are."""

    transport: Transport
    brand: Brand
    who: Credentials
    _: KW_ONLY
    login: Login
    kind: Digest
    region: int | None = None

    async def log_in(self) -> str:
        """Make it, and return the token; raise ``CloudError``."""
        try:
            if self.login is Login.V3:
                return self._token(await self._with_nonce())
            return self._token(await self._at_once())
        except CloudError as err:
            raise _named(err) from err

    async def _with_nonce(self) -> Any:
        """Fetch a nonce and answer it. Both go to one host, and the nonce serves once."""
        account = self.who.account
        hints = await self._post("login_nonce", {"u": account})
        if not isinstance(hints, dict) or not isinstance(hints.get("n"), str):
            raise CloudError(Trouble.GARBLED)
        if whole(hints.get("v")) == _UNKNOWN_ACCOUNT:
            raise CloudError(Trouble.WRONG_PASSWORD)
        if whole(hints.get("f")) == _EXPIRED:
            raise CloudError(Trouble.PASSWORD_EXPIRED)
        proof = await self._proof(hints)
        return await self._post("login", {"u": account, "ch": proof, "n": hints["n"]})

    async def _proof(self, hints: Mapping[str, Any]) -> str:
        salt = hints.get("a")
        if not salt:
            return digest(self.who.password, self.kind)
        try:
            return await answer(self.who.password, str(salt))
        except ValueError as err:
            raise CloudError(Trouble.GARBLED) from err

    async def _at_once(self) -> Any:
        proof = digest(self.who.password, self.kind)
        body = {"user_name": self.who.account, "password": proof}
        return await self._post("login_legacy", body)

    async def _post(self, step: str, body: object) -> Any:
        """Send a step once: a second try would be a second login to those who count."""
        function = FUNCTIONS[step]
        gateway = self.login is Login.GATEWAY
        path = function.gateway_path if gateway else function.path
        post = Post(
            url=self.brand.login_url(path, self.region),
            body=wrapped(body, login=True) if gateway else body,
            headers=headers(self.brand, None),
            write=True,
        )
        answered = await self.transport.json(post)
        # Some servers put the hints beside the status (facts/cloud-api.md 3.2).
        data = opened(answered)
        return answered if data is None else data

    def _token(self, told: object) -> str:
        if isinstance(told, dict):
            for name in self.brand.tokens:
                token = told.get(name)
                if isinstance(token, str) and _is_token(token):
                    return token
        raise CloudError(Trouble.GARBLED)


def _is_token(token: str) -> bool:
    """Tell whether a text can be a token; it goes into a header as it is."""
    plain = token.isascii() and token.isprintable()
    return plain and 0 < len(token) <= _LONGEST_TOKEN and not set(token) & set(' ;,"')


def _named(error: CloudError) -> CloudError:
    """Say what a refusal means when it answers a login."""
    text = error.message.casefold()
    trouble = error.trouble
    if _NONCE_HINT in text:
        trouble = Trouble.SERVER_ERROR
    elif trouble is Trouble.NOT_SUPPORTED:
        trouble = Trouble.OUTDATED_LOGIN
    elif trouble is Trouble.TOKEN_REFUSED:
        trouble = Trouble.REFUSED
    if trouble in _UNSETTLED and any(hint in text for hint in _PASSWORD_HINTS):
        trouble = Trouble.WRONG_PASSWORD
    return CloudError(trouble, status=error.status, message=error.message)
