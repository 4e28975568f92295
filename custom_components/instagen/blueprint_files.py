"""The blueprints that come with us, as files: what is laid where, and what is left alone.

Nothing in here waits for the event loop; it runs in the executor. Bytes are copied, so
comments stay. What somebody changed is theirs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from difflib import unified_diff
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

DOMAINS: Final = ("automation", "script")
OWN_FOLDER: Final = "instagen"
"""Below the folder of a domain, in the bundle as in the configuration."""

_HERE: Final = Path(__file__).resolve().parent

_LONGEST_DIFFERENCE: Final = 60
"""Lines that a repair shows."""


class Fate(StrEnum):
    """What came of one file."""

    INSTALLED = "installed"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    """Changed by its owner, and nothing of ours is newer than what they know."""

    BESIDE = "beside"
    """Changed by its owner; the new one lies beside it."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """Hashes of what we did with one file."""

    ours: str | None = None
    """What we laid there."""

    offered: str | None = None
    """What we laid beside it."""

    declined: str | None = None
    """What its owner did not want."""

    @classmethod
    def from_dict(cls, stored: Mapping[str, str | None]) -> Self:
        """Read back what ``as_dict`` told."""
        return cls(**stored)

    def as_dict(self) -> dict[str, str | None]:
        """Return it as plain data."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How a new version differs from what somebody made of an older one."""

    lines: str
    left_out: int


def bundle_folder(root: Path = _HERE) -> Path | None:
    """Return the folder of our blueprints, None when this copy came without.

    A release carries them inside the integration. In a checkout they lie two folders
    up; in an installation that is the place where the installed ones are.
    """
    if (shipped := root / "blueprints").is_dir():
        return shipped
    checkout = root.parent.parent
    if (checkout / "hacs.json").is_file() and (checkout / "blueprints").is_dir():
        return checkout / "blueprints"
    return None


def bundled(bundle: Path, domains: Iterable[str] = DOMAINS) -> list[str]:
    """List our blueprints of some domains, relative to the bundle."""
    return sorted(
        path.relative_to(bundle).as_posix()
        for domain in domains
        for path in (bundle / domain / OWN_FOLDER).glob("*.yaml")
    )


def deliver(source: Path, place: Path, known: Known) -> tuple[Fate, Known]:
    """Lay one blueprint at its place, unless that is its owner's by now."""
    data = source.read_bytes()
    new = _digest(data)
    beside = beside_of(place)
    if not place.exists():
        _write(place, data)
        _clear(beside, known)
        return Fate.INSTALLED, Known(ours=new)
    current = _digest(place.read_bytes())
    if current == new:
        _clear(beside, known)
        return Fate.UNCHANGED, Known(ours=new)
    if current == known.ours:
        _write(place, data)
        _clear(beside, known)
        return Fate.UPDATED, Known(ours=new)
    if new in {known.ours, known.declined}:
        return Fate.KEPT, known
    return _offer(data, beside, known)


def _offer(data: bytes, beside: Path, known: Known) -> tuple[Fate, Known]:
    """Lay a version beside the one that its owner changed."""
    new = _digest(data)
    if not beside.exists():
        if known.offered == new:  # thrown away by hand
            return Fate.KEPT, Known(ours=known.ours, declined=new)
    elif _digest(beside.read_bytes()) not in {known.offered, new}:
        return Fate.KEPT, known  # somebody works on that one, too
    _write(beside, data)
    return Fate.BESIDE, Known(ours=known.ours, offered=new)


def take(source: Path, place: Path, known: Known) -> Known:
    """Lay the new version over the one that its owner changed."""
    data = source.read_bytes()
    _write(place, data)
    _clear(beside_of(place), known)
    return Known(ours=_digest(data))


def decline(source: Path, place: Path, known: Known) -> Known:
    """Leave everything to its owner until there is a newer version."""
    _clear(beside_of(place), known)
    return Known(ours=known.ours, declined=_digest(source.read_bytes()))


def beside_of(place: Path) -> Path:
    """Return where a new version lies beside a changed one."""
    return place.with_name(f"{place.stem} (new){place.suffix}")


def difference(source: Path, place: Path) -> Difference:
    """Tell how the new version differs from its owner's."""
    old, new = (
        path.read_text(encoding="utf-8", errors="replace").replace("```", "'''")
        for path in (place, source)
    )
    lines = list(unified_diff(old.splitlines(), new.splitlines(), n=1, lineterm=""))[2:]
    shown = lines[:_LONGEST_DIFFERENCE]
    return Difference(lines="\n".join(shown), left_out=len(lines) - len(shown))


def _clear(beside: Path, known: Known) -> None:
    """Take away what we laid beside, unless somebody changed it."""
    if beside.exists() and _digest(beside.read_bytes()) == known.offered:
        beside.unlink()


def _write(place: Path, data: bytes) -> None:
    """Write a file as a whole or not at all."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f"{place.name}.part")
    part.write_bytes(data)
    part.replace(place)


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
