"""The archive of a release carries the integration and the blueprints, and nothing else."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from custom_components.instagen.blueprint_files import bundle_folder, bundled
from scripts.release_archive import build

from . import INTEGRATION, ROOT, load_json

BLUEPRINTS = ROOT / "blueprints"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("release") / "instagen.zip"
    build(file)
    return file


@pytest.fixture(scope="module")
def unpacked(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the archive where HACS does."""
    folder = tmp_path_factory.mktemp("config") / "custom_components" / "instagen"
    with ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_hacs_finds_the_archive(archive: Path) -> None:
    hacs = load_json(ROOT / "hacs.json")
    assert hacs["zip_release"] is True
    assert hacs["filename"] == archive.name
    assert archive.name in (ROOT / "scripts" / "release").read_text()


def test_it_holds_the_integration_and_the_blueprints(unpacked: Path) -> None:
    shipped = files(unpacked)
    ours = files(INTEGRATION)
    blueprints = files(BLUEPRINTS)
    assert not any(name.startswith("blueprints/") for name in ours), (
        "they are there once"
    )
    assert shipped == ours | {
        f"blueprints/{name}": data for name, data in blueprints.items()
    }


def test_what_is_unpacked_finds_its_blueprints(unpacked: Path) -> None:
    bundle = bundle_folder(unpacked)
    if not BLUEPRINTS.exists():
        assert bundle is None
        return
    assert bundle == unpacked / "blueprints"
    assert bundled(bundle) == bundled(BLUEPRINTS)


def test_a_checkout_finds_its_blueprints(tmp_path: Path) -> None:
    inside = tmp_path / "custom_components" / "instagen"
    inside.mkdir(parents=True)
    (tmp_path / "blueprints").mkdir()
    assert bundle_folder(inside) is None, "that is a configuration folder"
    (tmp_path / "hacs.json").touch()
    assert bundle_folder(inside) == tmp_path / "blueprints"


def test_every_blueprint_is_one_that_is_installed() -> None:
    """What lies elsewhere in the folder, or ends otherwise, would be left out."""
    assert sorted(files(BLUEPRINTS)) == (
        bundled(BLUEPRINTS) if BLUEPRINTS.exists() else []
    )


def test_the_same_tree_makes_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    build(tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()
