"""The archive of a release: what HACS unpacks into ``custom_components/instagen``.

HACS installs that folder alone, so the blueprints travel inside it. In the repository
they lie beside it, once. The same tree makes the same bytes.
"""

from collections.abc import Iterator
from pathlib import Path
import sys
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ROOT = Path(__file__).parents[1]

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can tell."""

_READABLE = 0o644 << 16


def contents(root: Path = ROOT) -> Iterator[tuple[str, Path]]:
    """Walk through what belongs in the archive: each name in it, and its file."""
    for folder, prefix in (
        (root / "custom_components" / "instagen", ""),
        (root / "blueprints", "blueprints/"),
    ):
        for path in folder.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield prefix + path.relative_to(folder).as_posix(), path


def build(file: Path, root: Path = ROOT) -> None:
    """Write the archive."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, path in sorted(contents(root)):
            entry = ZipInfo(name, _EPOCH)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = _READABLE
            archive.writestr(entry, path.read_bytes())


if __name__ == "__main__":
    build(Path(sys.argv[1]))
    print(sys.argv[1])
