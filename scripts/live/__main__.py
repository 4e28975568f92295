"""The command line of scripts/demo."""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
import shutil
import signal
import socket
import sys
import tempfile

from . import ROOT, LiveError
from .client import PASSWORD, USER
from .demo import Options, run, say
from .folder import run_folder
from .simulator import LINKS

DEFAULT_PORT = 8124
"""Beside the 8123 of a Home Assistant that may run on the same machine."""

DEV = ROOT / ".dev"


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Show a simulated plant live in a real Home Assistant.",
        epilog=f"The login is {USER} / {PASSWORD}. Everything listens on loopback only.",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="no browser: wait for a value of every entity, print a JSON summary, stop",
    )
    parser.add_argument(
        "--port",
        type=int,
        help=f"web port, 0 for any free one (default {DEFAULT_PORT}; 0 with --check)",
    )
    parser.add_argument(
        "--link",
        choices=LINKS,
        default="both",
        help="how the plant is reached: the stick's own link, Modbus, or both (the "
        "default); --keep goes on with that of the last run",
    )
    parser.add_argument("--speed", type=float, help="how fast the plant's clock runs")
    parser.add_argument("--seed", type=int, help="seed of weather and household")
    parser.add_argument("--scenario", help="the simulator's scenario to play")
    parser.add_argument(
        "--folder", type=Path, help="for configuration, data and logs (in .dev)"
    )
    data = parser.add_mutually_exclusive_group()
    data.add_argument(
        "--fresh", action="store_true", help="start from nothing (the default)"
    )
    data.add_argument(
        "--keep", action="store_true", help="go on with the last run's data and history"
    )
    return parser.parse_args(argv)


def simulator_options(args: argparse.Namespace) -> list[str]:
    """Pass on what the simulator understands itself."""
    options = {"--speed": args.speed, "--seed": args.seed, "--scenario": args.scenario}
    given = {name: str(value) for name, value in options.items() if value is not None}
    return [text for pair in given.items() for text in pair]


def choose_port(wanted: int | None, *, check_only: bool) -> int:
    """Return a web port that is free now."""
    if wanted is None:
        wanted = 0 if check_only else DEFAULT_PORT
    with socket.socket() as probe:
        # As Home Assistant itself binds: a port that was just released is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise LiveError(f"port {wanted} is in use; choose one: --port") from error
        port: int = probe.getsockname()[1]
    return port


async def run_until_stopped(options: Options) -> int:
    """Run, and turn the first request to stop into an orderly end."""
    task = asyncio.ensure_future(run(options))
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if not task.cancelling():
            say("stopping")
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        say("stopped")
        # A demo has no other end; a check that was stopped proved nothing.
        return 130 if options.check_only else 0


def main() -> int:
    """Run in the folder that was asked for, or in one that fits."""
    args = arguments()
    # A check may run beside a demo and leaves nothing when it went well.
    passing = args.check and args.folder is None
    DEV.mkdir(exist_ok=True)
    folder = args.folder or DEV / "demo"
    if passing:
        folder = Path(tempfile.mkdtemp(prefix="demo-check-", dir=DEV))
    code = 1
    try:
        with run_folder(folder.absolute(), keep=args.keep) as place:
            options = Options(
                folder=place,
                port=choose_port(args.port, check_only=args.check),
                check_only=args.check,
                links=LINKS[args.link],
                simulator=simulator_options(args),
            )
            code = asyncio.run(run_until_stopped(options))
    except LiveError as error:
        say(f"error: {error}")
    if passing and code == 0:
        shutil.rmtree(folder)
        folder.with_name(f"{folder.name}.lock").unlink()
    elif code:
        say(f"logs are in {folder}")
    return code


if __name__ == "__main__":
    sys.exit(main())
