"""What the fields of the messages mean."""

from google.protobuf.message import Message
import pytest

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.links.dts.identify import (
    features_of,
    identity_of,
    version_text,
)
from custom_components.instagen.links.dts.plant import BatterySign, PlantData
from custom_components.instagen.links.dts.rows import ROWS, TOTALS
from custom_components.instagen.plant.evidence import Evidence
from custom_components.instagen.plant.identity import Feature
from custom_components.instagen.plant.readings import READINGS, Kind, Value

from .stick import INVERTER, gateway, registry, storage

UNSERVED = {
    "cloud_connected",
    "backup_energy",
    "backup_energy_today",
    "earth_fault",
    "faults",
}


def plant(*answers: pb.StorageDataAnswer, sign: int = 1) -> PlantData:
    return PlantData(registry(len(answers)), answers, sign)


def made(data: PlantData) -> dict[str, Value]:
    return {key: row.make(data) for key, row in ROWS.items()}


def test_every_reading_is_served_or_known_not_to_be():
    assert READINGS.keys() - ROWS.keys() - TOTALS.keys() == UNSERVED
    assert all(READINGS[key].kind is Kind.ENERGY_TOTAL for key in TOTALS)
    assert all(READINGS[key].kind is Kind.ENERGY_TODAY for key in TOTALS.values())


def test_nothing_is_served_on_a_mere_guess():
    assert {row.evidence for row in ROWS.values()} <= set(Evidence) - {Evidence.UNKNOWN}


def test_a_sunny_day():
    values = made(plant(storage()))
    assert {key: value for key, value in values.items() if value is not None} == {
        "work_status": "on_grid",
        "off_grid": False,
        "problem": False,
        "inverter_power": 3316,
        "insulation_resistance": 5000,
        "residual_current": 2,
        "backup_power": 420,
        "load_power": 3600,
        "load_energy_today": 5.2,
        "pv_power": 2848,
        "pv_energy_today": 6.0,
        "pv1_voltage": 380.5,
        "pv1_current": 5.12,
        "pv1_power": 1948,
        "pv2_voltage": 360.2,
        "pv2_current": 2.5,
        "pv2_power": 900,
        "battery_soc": 67,
        "battery_soh": 98,
        "battery_power": 500,
        "battery_charge_power": 0,
        "battery_discharge_power": 500,
        "battery_voltage": 53.5,
        "battery_current": 9.4,
        "battery_temperature": 27.1,
        "battery_cell_temperature_min": 25.5,
        "battery_state": "discharging",
        "battery_capacity": 10.0,
        "battery_charge_energy_today": 2.3,
        "battery_discharge_energy_today": 3.1,
        "grid_power": 284,
        "grid_import_power": 284,
        "grid_export_power": 0,
        "grid_frequency": 50.01,
        "grid_voltage_l1": 230.5,
        "grid_current_l1": 1.24,
        "grid_export_energy_today": 3.1,
        "grid_import_energy_today": 0.7,
        "meter_connected": True,
    }


def test_charging_and_exporting():
    values = made(
        plant(
            storage(
                battery=pb.BatteryData(power=-700, current=-130),
                grid=pb.GridData(
                    phases=[pb.GridPhase(phase=1, power=300, current=130)]
                ),
            )
        )
    )
    assert values["battery_power"] == -700
    assert values["battery_charge_power"] == 700
    assert values["battery_discharge_power"] == 0
    assert values["battery_current"] == -13.0
    assert values["grid_power"] == -300
    assert values["grid_import_power"] == 0
    assert values["grid_export_power"] == 300
    assert values["grid_current_l1"] == -1.3


def test_a_turned_battery():
    values = made(
        plant(storage(battery=pb.BatteryData(power=-700, current=130)), sign=-1)
    )
    assert values["battery_power"] == 700
    assert values["battery_current"] == 13.0


def test_nothing_flows():
    values = made(plant(storage(battery=pb.BatteryData(), grid=pb.GridData())))
    assert str(values["battery_current"]) == "0.0"
    assert values["battery_power"] == 0


def test_what_is_missing_is_unknown():
    values = made(plant(pb.StorageDataAnswer(serial=INVERTER)))
    told = {key for key, value in values.items() if value is not None}
    # Both come from the registry: a meter that tells nothing, and the size of the battery.
    assert told == {"meter_connected", "battery_capacity"}
    assert values["meter_connected"] is False


def test_a_plant_without_panels_makes_no_power_and_says_so():
    bare = storage()
    del bare.pv_inputs[:]
    bare.flow.pv_to_load = 0
    bare.pv_use.Clear()
    values = made(plant(bare))
    assert values["pv_power"] == 0
    assert values["pv_energy_today"] == 0
    assert values["pv1_voltage"] is None


@pytest.mark.parametrize("base", [0, 1])
def test_phases_and_strings_counted_from_either_end(base: int):
    answer = storage(
        grid=pb.GridData(
            phases=[pb.GridPhase(phase=n + base, voltage=2300 + n) for n in range(3)]
        )
    )
    del answer.pv_inputs[:]
    answer.pv_inputs.extend(
        pb.PvInput(index=n + base, voltage=3000 + n) for n in range(2)
    )
    values = made(plant(answer))
    assert [values[f"grid_voltage_l{n}"] for n in (1, 2, 3)] == [230, 230.1, 230.2]
    assert [values[f"pv{n}_voltage"] for n in (1, 2, 3)] == [300, 300.1, None]


def test_without_a_meter_the_inverter_knows_the_grid():
    values = made(plant(storage(grid=pb.GridData())))
    assert values["grid_voltage_l1"] == 230.4
    assert values["grid_frequency"] == 50.0
    assert values["grid_power"] is None


def test_a_master_and_a_slave():
    slave = storage(INVERTER + 1, battery=pb.BatteryData(soc=70, soh=90, power=250))
    del slave.pv_inputs[1:]
    values = made(plant(storage(), slave))
    assert values["battery_power"] == 750
    assert values["battery_soc"] == 68
    assert values["battery_soh"] == 98
    assert values["inverter_power"] == 2 * 3316
    assert values["grid_power"] == 284  # the meter is the plant's, not each inverter's
    assert values["pv_power"] == 2848 + 1948
    assert values["battery_capacity"] == 20.0
    assert values["pv3_power"] == 1948
    assert values["pv4_power"] is None


def test_the_meter_of_a_slave_stands_in():
    values = made(plant(storage(grid=pb.GridData()), storage(INVERTER + 1)))
    assert values["grid_power"] == 284


def test_a_generator_and_panels_on_the_ac_side():
    running = pb.GeneratorData(
        state=pb.GeneratorState(state=1, frequency=5003),
        phases=[pb.GeneratorPhase(phase=1, voltage=2301, power=4000, energy_today=15)],
    )
    data = plant(storage(generator=running, ac_pv=running))
    values = made(data)
    assert values["generator_power"] == 4000
    assert values["generator_voltage"] == 230.1
    assert values["generator_frequency"] == 50.03
    assert values["generator_energy_today"] == 1.5
    assert values["generator_running"] is True
    assert values["ac_pv_power"] == 4000
    assert values["ac_pv_energy_today"] == 1.5
    assert {Feature.GENERATOR, Feature.AC_PV} <= features_of(data)


@pytest.mark.parametrize(
    "block",
    [
        {"inverter": pb.InverterData(state=pb.InverterState(power_fault=1))},
        {"inverter": pb.InverterData(state=pb.InverterState(safety_fault=1 << 31))},
        {"battery": pb.BatteryData(fault_code=2)},
    ],
)
def test_a_fault_code_is_a_problem(block: dict[str, Message]):
    assert made(plant(storage(INVERTER, **block)))["problem"] is True


def test_states_beyond_the_list_are_unknown():
    values = made(
        plant(
            storage(
                inverter=pb.InverterData(state=pb.InverterState(state=99)),
                battery=pb.BatteryData(state=-1),
            )
        )
    )
    assert values["work_status"] is None
    assert values["battery_state"] is None


def test_the_temperature_of_a_newer_stick():
    state = pb.InverterState(inverter_temperature=412)
    values = made(plant(storage(inverter=pb.InverterData(state=state))))
    assert values["inverter_temperature"] == 41.2


# ---- who it is ----


def test_identity():
    identity = identity_of(gateway(), plant(storage()))
    assert identity.model == "HYS-6.0LV-EUG1"
    assert identity.rated_power == 6000
    assert identity.serial == "430122480680"
    assert identity.firmware == {
        "main": "V01.02.11",
        "stick": "V01.00.09",
        "stick_hardware": "H11.01.01",
        "wifi": "2.3.0.0-dev",
    }
    assert identity.features == {
        Feature.PV_1,
        Feature.PV_2,
        Feature.BATTERY,
        Feature.GRID_METER,
    }


def test_a_model_that_is_no_text():
    told = registry()
    told.inverters[0].model_name = b"HYS\xff\n-6.0LV\0\0rest"
    identity = identity_of(gateway(), PlantData(told, [storage()]))
    assert identity.model == "HYS-6.0LV"
    told.inverters[0].model_name = b"\xff"
    assert identity_of(gateway(), PlantData(told, [storage()])).model is None


def test_versions():
    assert version_text("V", 4105) == "V01.00.09"
    assert version_text("H", 45313) == "H11.01.01"
    assert version_text("V", 8207) == "V02.00.15"


def test_the_generator_port_tells_of_a_generator():
    data = PlantData(registry(generator_port_mode=1), [storage()])
    assert Feature.GENERATOR in features_of(data)


def test_three_phases():
    phases = [pb.GridPhase(phase=n, voltage=2300) for n in (1, 2, 3)]
    assert {Feature.PHASE_2, Feature.PHASE_3} <= features_of(
        plant(storage(grid=pb.GridData(phases=phases)))
    )


# ---- the battery's sign ----


def seen(
    sign: BatterySign, power: int, flow: int, *, pv: int = 0, times: int = 1
) -> int:
    for _ in range(times):
        sign.learn(
            pb.StorageDataAnswer(
                battery=pb.BatteryData(power=power),
                flow=pb.PowerFlow(battery_to_load=flow, pv_to_battery=pv),
            )
        )
    return sign.sign


def test_the_better_supported_sign_comes_first():
    sign = BatterySign()
    assert (sign.sign, sign.proven) == (1, False)
    assert seen(sign, -5000, 0) == 1  # charging proves nothing


@pytest.mark.parametrize(("power", "expected"), [(1000, 1), (-1000, -1)])
def test_a_discharge_proves_it(power: int, expected: int):
    sign = BatterySign()
    assert seen(sign, power, 1050) == expected
    assert sign.proven


def test_what_disagrees_in_size_or_direction_proves_nothing():
    sign = BatterySign()
    assert seen(sign, -1000, 100, times=5) == 1
    assert seen(sign, -1000, 3000, times=5) == 1
    assert seen(sign, -1000, 1000, pv=2000, times=5) == 1


def test_a_proven_sign_is_turned_by_three_in_a_row():
    sign = BatterySign()
    seen(sign, 1000, 1000)
    assert seen(sign, -1000, 1000, times=2) == 1
    seen(sign, 1000, 1000)
    assert seen(sign, -1000, 1000, times=2) == 1
    assert seen(sign, -1000, 1000) == -1
