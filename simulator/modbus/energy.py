"""Energy counters on the wire: lifetime 0.1 kWh in two words, today in one.

Source of every row: facts/modbus-registers.csv, input 2000 to 2138. Counters of parts
that are not fitted stay 0 (2070 is 0 without a generator, facts 4.4).
"""

from collections.abc import Iterator
from typing import Final

from .rows import Kind, Row

_PLACES: Final = (
    ("pv", 2000, 2100),
    ("pv1", 2002, 2101),
    ("pv2", 2004, 2102),
    ("pv3", 2006, 2103),
    ("pv4", 2008, 2104),
    ("ac_pv", 2014, 2107),
    ("ac_pv_l1", 2016, 2108),
    ("ac_pv_l2", 2018, 2109),
    ("ac_pv_l3", 2020, 2110),
    ("pv_to_battery", 2022, 2111),
    ("pv_to_load", 2024, 2112),
    ("pv_to_grid", 2026, 2113),
    ("battery_charge", 2028, 2114),
    ("battery_discharge", 2030, 2115),
    ("grid_import", 2040, 2120),
    ("grid_import_l1", 2042, 2121),
    ("grid_import_l2", 2044, 2122),
    ("grid_import_l3", 2046, 2123),
    ("grid_export", 2048, 2124),
    ("grid_export_l1", 2050, 2125),
    ("grid_export_l2", 2052, 2126),
    ("grid_export_l3", 2054, 2127),
    ("load", 2056, 2128),
    ("load_l1", 2058, 2129),
    ("load_l2", 2060, 2130),
    ("load_l3", 2062, 2131),
    ("load_from_pv", 2064, 2132),
    ("load_from_battery", 2066, 2133),
    ("load_from_grid", 2068, 2134),
    ("generator", 2070, 2135),
    ("generator_l1", 2072, 2136),
    ("generator_l2", 2074, 2137),
    ("generator_l3", 2076, 2138),
)


def _rows() -> Iterator[Row]:
    for name, total, today in _PLACES:
        yield Row(total, f"{name}_energy", Kind.PAIR, 10, 0, counter=True)
        yield Row(today, f"{name}_energy_today", Kind.WORD, 10, 0, counter=True)


ENERGY_ROWS: Final = tuple(_rows())
