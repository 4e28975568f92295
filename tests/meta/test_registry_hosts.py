"""Where packages come from is the machine's business: no file names a registry."""

from collections.abc import Iterator
from pathlib import Path
import subprocess

import pytest

from . import ROOT

# In parts, so that this file does not name them either.
REGISTRY_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("ghcr", "io"),
        ("piwheels", "org"),
    )
)


def mentions(text: str) -> list[str]:
    return [host for host in REGISTRY_HOSTS if host in text.lower()]


def repository_files() -> Iterator[Path]:
    """List what is tracked or would be, so that a new file is judged before its commit."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (path := ROOT / name).is_file():
            yield path


def test_no_file_names_a_registry() -> None:
    found = {}
    for path in repository_files():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        if hosts := mentions(text):
            found[str(path.relative_to(ROOT))] = hosts
    assert not found


@pytest.mark.parametrize("host", REGISTRY_HOSTS)
def test_a_registry_is_recognised(host: str) -> None:
    assert mentions(f'url = "https://files.{host.upper()}/packages/x.whl"') == [host]
