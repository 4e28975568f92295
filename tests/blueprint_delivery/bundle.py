"""Blueprints that are small and real, in versions."""

from pathlib import Path

AUTOMATION = "automation/instagen/tell.yaml"
SCRIPT = "script/instagen/say.yaml"
PATHS = [AUTOMATION, SCRIPT]

_TEXT = """\
# A comment that stays.
blueprint:
  name: Tell
  domain: {domain}
  homeassistant:
    min_version: 2026.10.0
  input:
    what:
      default: news
      selector:
        text:
{triggers}{key}:
  - event: told
    event_data:
      version: {version}
      what: !input what
"""


class Bundle:
    """A folder of blueprints and the one they are delivered to."""

    def __init__(self, folder: Path, installed: Path) -> None:
        self.folder = folder
        self.installed = installed

    def write(self, version: int) -> None:
        """Publish a version of all."""
        for path in PATHS:
            domain = path.partition("/")[0]
            automation = domain == "automation"
            text = _TEXT.format(
                domain=domain,
                version=version,
                key="actions" if automation else "sequence",
                triggers="triggers:\n  - trigger: event\n    event_type: tell\n"
                if automation
                else "",
            )
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)

    def place(self, path: str = AUTOMATION) -> Path:
        """Return where a blueprint is installed."""
        return self.installed / path

    def beside(self, path: str = AUTOMATION) -> Path:
        """Return where a new version is laid."""
        place = self.place(path)
        return place.with_name(f"{place.stem} (new).yaml")

    def source(self, path: str = AUTOMATION) -> bytes:
        """Return our own bytes."""
        return (self.folder / path).read_bytes()

    def change(self, path: str = AUTOMATION) -> bytes:
        """Change an installed blueprint as its owner would; return what it is then."""
        place = self.place(path)
        changed = place.read_bytes().replace(b"default: news", b"default: gossip")
        assert changed != place.read_bytes()
        place.write_bytes(changed)
        return changed
