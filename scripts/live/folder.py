"""The folder of a run: nobody else's, and never somebody's data."""

from collections.abc import Iterator
from contextlib import contextmanager
import fcntl
from pathlib import Path
import shutil

from . import LiveError

MARK = ".made-by-scripts-demo"


@contextmanager
def run_folder(folder: Path, *, keep: bool) -> Iterator[Path]:
    """Give the folder to one run, emptied unless its data is to be kept."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LiveError(f"another demo runs in {folder}; see --folder") from error
        if not keep:
            _empty(folder)
        folder.mkdir(exist_ok=True)
        (folder / MARK).touch()
        yield folder


def _empty(folder: Path) -> None:
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / MARK).exists():
        raise LiveError(f"{folder} holds something that no demo put there")
    shutil.rmtree(folder)
