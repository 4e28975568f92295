"""The public client that reads the same registers."""

import json
from typing import Any, Final

from .peer import Peer

NAME: Final = "hoymiles-g3-modbus-tcp"

_ASK: Final = """
import asyncio, dataclasses, json, sys
from hoymiles_g3_modbus_tcp import Inverter, InverterConfig

async def main(port, *change):
    client = Inverter(
        InverterConfig(host="127.0.0.1", port=int(port), allow_writes=bool(change))
    )
    await client.connect()
    try:
        if change:
            key, value = change[0], json.loads(change[1])
            print(json.dumps(await client.write(key, value)))
            return
        info = dataclasses.asdict(await client.detect())
        await client.poll()
        values = await client.poll()  # it believes a counter when two reads agree
        print(json.dumps({"info": info, "values": values}))
    finally:
        await client.close()

asyncio.run(main(*sys.argv[1:]))
"""


class ModbusPeer(Peer):
    """Reads and writes registers."""

    async def read(self, port: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what it detects and every value it reads."""
        out, _ = await self.run("-c", _ASK, str(port))
        told = json.loads(out)
        return told["info"], told["values"]

    async def write(self, port: int, key: str, value: object) -> object:
        """Let it write a setting; return what it reads back."""
        out, _ = await self.run("-c", _ASK, str(port), key, json.dumps(value))
        written: object = json.loads(out)
        return written

    async def command(self, port: int) -> list[str]:
        """Run its command-line program; return the lines it prints."""
        module = NAME.replace("-", "_")
        options = ("--host", "127.0.0.1", "--port", str(port), "--unit", "1")
        out, _ = await self.run("-m", module, *options)
        return out.splitlines()
