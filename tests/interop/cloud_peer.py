"""The public client of a white label's gateway.

Its hosts are constants, so the script here turns both of them to loopback and lets
nothing else out. It asks for everything there is when it is made, micro-inverters
among it; each of its services is therefore used alone.
"""

from collections.abc import Mapping
import json
from typing import Any, Final

from .peer import Peer

NAME: Final = "mysolenso"

_ASK: Final = """
import json, sys
import requests

port, user, password, day = sys.argv[1:]
_request = requests.Session.request

def request(self, method, url, **options):
    for host in ("https://monitor.solenso.net", "https://neapi.hoymiles.com"):
        url = url.replace(host, f"http://127.0.0.1:{port}")
    assert url.startswith("http://127.0.0.1:"), url
    return _request(self, method, url, **options)

requests.Session.request = request

from mysolenso.auth import MySolensoAuth
from mysolenso.services.me import MySolensoMe
from mysolenso.services.station import MySolensoStation
from mysolenso.services.stationdata import MySolensoStationData
from mysolenso.services.stationcount import MySolensoStationCount
from mysolenso.services.powerbyday import MySolensoPowerByDay
from mysolenso.services.dayofyeay import MySolensoCountByDayOfYeay
from mysolenso.services.reports.oempowercount import MySolensoOEMPowerCount
from mysolenso.services.reports.powerbystation import MySolensoPowerByStation
from mysolenso.services.stations.ak import MySolensoStationAK
from mysolenso.services.stations.countdevice import MySolensoStationCountDevice
from mysolenso.services.stations.stationinfodev import MySolensoStationInfoDevice

class Client:
    pass

client = Client()
client.auth = MySolensoAuth(user, password=password)
client.me = MySolensoMe(client)
client.station = MySolensoStation(client)
told = {"me": client.me.all_data, "stations": client.station.stations}
client.stationdata = MySolensoStationData(client)
told["detail"] = client.stationdata.all_data
client.stationcount = MySolensoStationCount(client)
told["live"] = client.stationcount.all_data
curve = MySolensoPowerByDay(client)
curve.set_day(day)
told["curve"] = curve.get_data
told["days"] = MySolensoCountByDayOfYeay(client).get_data
totals = MySolensoOEMPowerCount(client)
totals.set_day(day, day)
told["totals"] = [totals.total_pv, totals.total_consumption]
report = MySolensoPowerByStation(client)
report.set_day(day)
told["report"] = report.all_data
place = MySolensoStationAK(client)
place.station_ak_refresh()
told["place"] = place.all_data
counts = MySolensoStationCountDevice(client)
counts.station_count_device_refresh()
told["counts"] = counts.all_data
tree = MySolensoStationInfoDevice(client)
tree.station_info_device_refresh()
told["tree"] = tree.all_data
print(json.dumps(told))
"""


class CloudPeer(Peer):
    """Logs in and reads."""

    async def read(
        self, port: int, user: str, password: str, day: str
    ) -> Mapping[str, Any]:
        """Return what each of its services tells."""
        out, _ = await self.run("-c", _ASK, str(port), user, password, day)
        told: Mapping[str, Any] = json.loads(out)
        return told
