"""Which test proves what of which blueprint (issue: schema to half-hours).

A cell names tests as ``module:test`` of this folder, or of ``tests/`` with a path, and
``@name`` is the case of a test that goes over many. What makes no sense for a blueprint
says why instead.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Case(StrEnum):
    """What is asked of every blueprint."""

    SCHEMA = "schema"
    INPUT = "input"
    START = "start"
    STOP = "stop"
    HYSTERESIS = "hysteresis"
    UNKNOWN = "unknown"
    STALE = "stale"
    RESTART = "restart"
    DRY_RUN = "dry run"
    HUMAN_WINS = "human wins"
    CLOCK_CHANGE = "clock change"
    HALF_HOURS = "days of 46, 48 and 50 half-hours"


class Why(StrEnum):
    """Why a cell has no test."""

    NO_BATTERY = "It never asks for the battery, so no human can overrule it there."
    NO_RATES = "It reads no list of half-hours."
    NO_CLOCK = "It counts minutes that pass, and knows no time of day."
    TELLS = "It only tells: there is nothing to switch twice."
    ENDS_ITSELF = (
        "What it asks for has an end, and the lease is tested where leases are."
    )
    BY_HAND = "A person runs it once; nothing of it goes on."
    IS_HUMAN = "It asks as the human who runs it."


type Cell = str | tuple[str, ...] | Why
type Row = Mapping[Case, Cell]

_ANY: Final[Row] = {
    Case.SCHEMA: "test_schema:test_home_assistant_takes_it",
    Case.INPUT: (
        "test_schema:test_inputs_stand_in_sections_and_say_what_they_are",
        "test_schema:test_defaults_fit_their_selectors",
        "test_schema:test_every_input_is_used_and_none_is_missing",
    ),
    Case.HALF_HOURS: Why.NO_RATES,
}


def _leased(name: str, **own: Cell) -> Row:
    """Return the row of a blueprint that the contract's tests go over."""
    contract = {
        Case.START: "test_it_asks_once_for_what_it_wants",
        Case.STOP: "test_it_lets_go_when_it_no_longer_wants",
        Case.HYSTERESIS: "test_no_two_starts_within_the_dwell",
        Case.UNKNOWN: "test_a_short_gap_changes_nothing",
        Case.STALE: "test_a_long_gap_lets_go",
        Case.RESTART: "test_a_restart_goes_on_with_the_lease",
        Case.DRY_RUN: "test_it_says_what_it_would_do",
        Case.HUMAN_WINS: "test_a_human_wins",
    }
    return {
        **_ANY,
        **{case: f"test_contract:{test}@{name}" for case, test in contract.items()},
        Case.CLOCK_CHANGE: f"test_clocks:test_a_window_over_the_change_is_one_lease@{name}",
        **{Case[key]: cell for key, cell in own.items()},
    }


def _row(**cells: Cell) -> Row:
    return {**_ANY, **{Case[key]: cell for key, cell in cells.items()}}


def _by_hand(name: str) -> Row:
    return _row(
        START=f"test_scripts:test_it_asks_for_what_a_human_wants@{name}",
        STOP=f"test_scripts:test_it_never_lasts_longer_than_a_day@{name}",
        HYSTERESIS=Why.BY_HAND,
        UNKNOWN=f"test_scripts:test_a_refusal_is_told@{name}",
        STALE=Why.BY_HAND,
        RESTART=Why.ENDS_ITSELF,
        DRY_RUN=f"test_scripts:test_it_can_be_tried_dry@{name}",
        HUMAN_WINS=Why.IS_HUMAN,
        CLOCK_CHANGE=f"test_clocks:test_hours_by_hand_are_hours_that_pass@{name}",
    )


MATRIX: Final[Mapping[str, Row]] = {
    "alarm_notice": _row(
        START="test_notices:test_an_alarm_is_told_once_and_its_end",
        STOP="test_notices:test_an_alarm_is_told_once_and_its_end",
        HYSTERESIS=Why.TELLS,
        UNKNOWN="test_notices:test_nothing_to_tell_is_not_told",
        STALE="test_notices:test_a_standing_alarm_is_repeated",
        RESTART="test_notices:test_a_start_tells_what_stands",
        DRY_RUN="test_notices:test_an_alarm_can_be_tried_dry",
        HUMAN_WINS=Why.NO_BATTERY,
        CLOCK_CHANGE="test_clocks:test_what_waited_is_told_when_the_wall_says_morning",
    ),
    "away": _leased("away"),
    "car_hold": _leased(
        "car_hold", HYSTERESIS="test_shedding:test_a_car_that_modulates_keeps_its_lease"
    ),
    "cheap_rate_charge": _leased(
        "cheap_rate_charge",
        HYSTERESIS="test_cheap_rate_charge:test_it_starts_three_points_below",
        CLOCK_CHANGE=(
            "test_clocks:test_a_window_over_the_change_is_one_lease@cheap_rate_charge",
            "test_cheap_rate_charge:test_days_on_which_the_clock_changes",
        ),
    ),
    "daily_report": _row(
        START="test_notices:test_it_is_told_once_and_missing_is_missing",
        STOP="test_notices:test_a_report_is_not_told_half_a_day_late",
        HYSTERESIS=Why.TELLS,
        UNKNOWN="test_notices:test_it_is_told_once_and_missing_is_missing",
        STALE="test_notices:test_it_is_told_once_and_missing_is_missing",
        RESTART="test_notices:test_a_report_that_a_restart_missed_comes_late",
        DRY_RUN="test_notices:test_a_report_can_be_tried_dry",
        HUMAN_WINS=Why.NO_BATTERY,
        CLOCK_CHANGE="test_clocks:test_a_report_comes_once_a_day",
    ),
    "dtu_offline": _row(
        START="test_notices:test_it_is_told_once_and_when_it_is_back",
        STOP="test_notices:test_it_is_told_once_and_when_it_is_back",
        HYSTERESIS="test_notices:test_a_short_loss_is_no_news",
        UNKNOWN="test_notices:test_an_unknown_dtu_is_a_lost_one",
        STALE="test_notices:test_an_unknown_dtu_is_a_lost_one",
        RESTART="test_notices:test_after_a_start_ten_minutes_are_no_news",
        DRY_RUN="test_notices:test_a_restart_can_be_tried_dry",
        HUMAN_WINS=Why.NO_BATTERY,
        CLOCK_CHANGE=Why.NO_CLOCK,
    ),
    "ev_breaker_guard": _row(
        START="test_loads:test_below_breaker_less_charger_it_goes_on",
        STOP="test_loads:test_above_the_breaker_it_stops_at_once",
        HYSTERESIS="test_loads:test_a_peak_begins_the_wait_anew",
        UNKNOWN="test_loads:test_an_unknown_phase_stops_it_at_once",
        STALE="test_loads:test_a_stale_phase_stops_it",
        RESTART="test_loads:test_a_start_without_readings_stops_it",
        DRY_RUN="test_loads:test_the_guard_can_be_tried_dry",
        HUMAN_WINS=Why.NO_BATTERY,
        CLOCK_CHANGE=Why.NO_CLOCK,
    ),
    "full_charge": _leased(
        "full_charge", HYSTERESIS="test_seasons:test_a_moment_at_the_top_does_not_count"
    ),
    "generator_helper": _row(
        START="test_loads:test_it_starts_low_and_stops_filled",
        STOP="test_loads:test_it_starts_low_and_stops_filled",
        HYSTERESIS=(
            "test_loads:test_a_dip_of_some_seconds_starts_nothing",
            "test_loads:test_start_and_stop_too_near_never_start",
        ),
        UNKNOWN="test_loads:test_an_unknown_state_of_charge_starts_nothing",
        STALE="test_loads:test_an_unknown_state_of_charge_lets_the_run_go_on",
        RESTART="test_loads:test_a_run_that_is_confirmed_goes_on",
        DRY_RUN="test_loads:test_the_generator_can_be_tried_dry",
        HUMAN_WINS=Why.NO_BATTERY,
        CLOCK_CHANGE="test_clocks:test_quiet_hours_end_by_the_wall",
    ),
    "load_shedding": _row(
        START="test_shedding:test_steps_go_in_order_and_return_in_reverse",
        STOP="test_shedding:test_steps_go_in_order_and_return_in_reverse",
        HYSTERESIS="test_shedding:test_pairs_are_five_points_apart",
        UNKNOWN="test_shedding:test_an_unknown_charge_switches_nothing",
        STALE="test_shedding:test_an_unknown_charge_switches_nothing",
        RESTART="test_shedding:test_it_remembers_over_a_restart",
        DRY_RUN="test_shedding:test_shedding_can_be_tried_dry",
        HUMAN_WINS="test_shedding:test_only_what_it_switched_off_returns",
        CLOCK_CHANGE=Why.NO_CLOCK,
    ),
    "peak_export": _leased(
        "peak_export",
        HYSTERESIS="test_prices:test_it_starts_three_points_above_the_floor",
        CLOCK_CHANGE=(
            "test_clocks:test_a_window_over_the_change_is_one_lease@peak_export",
            "test_clocks:test_a_price_holds_to_the_next_half_hour",
        ),
    ),
    "plunge_charge": _leased(
        "plunge_charge",
        HYSTERESIS="test_prices:test_half_a_penny_does_not_end_it",
        HALF_HOURS="test_prices:test_days_of_46_48_and_50_slots",
    ),
    "saving_session": _leased(
        "saving_session",
        HALF_HOURS="test_clocks:test_the_cheapest_slots_of_days_of_46_48_and_50",
    ),
    "season_change": _row(
        START="test_seasons:test_each_season_has_its_reserve",
        STOP="test_seasons:test_each_season_has_its_reserve",
        HYSTERESIS=(
            "test_seasons:test_the_sun_moves_the_border",
            "test_seasons:test_two_weeks_lie_between_two_changes",
        ),
        UNKNOWN="test_seasons:test_the_sun_moves_the_border",
        STALE="test_seasons:test_a_sun_that_is_unknown_leaves_the_dates",
        RESTART="test_seasons:test_a_season_goes_on_after_a_restart",
        DRY_RUN="test_seasons:test_a_season_can_be_tried_dry",
        HUMAN_WINS="test_seasons:test_a_human_overrules_the_season",
        CLOCK_CHANGE="test_clocks:test_a_season_goes_on_over_the_change",
    ),
    "solar_surplus_load": _row(
        START="test_loads:test_exactly_its_power_is_not_enough",
        STOP="test_loads:test_a_long_cloud_ends_it_after_its_shortest_run",
        HYSTERESIS="test_loads:test_a_cloud_of_half_a_minute_changes_nothing",
        UNKNOWN=(
            "test_loads:test_an_unknown_surplus_keeps_then_stops",
            "test_loads:test_an_unknown_state_of_charge_keeps_then_stops",
        ),
        STALE="test_loads:test_an_unknown_surplus_keeps_then_stops",
        RESTART="test_loads:test_a_surplus_that_a_restart_hid_is_found",
        DRY_RUN="test_loads:test_a_dry_run_switches_nothing",
        HUMAN_WINS=Why.NO_BATTERY,
        CLOCK_CHANGE="test_clocks:test_the_hours_of_a_load_end_by_the_wall",
    ),
    "storm_reserve": _leased("storm_reserve"),
    "tariff_sync": _row(
        START="test_seasons:test_new_rates_are_put_in_once_a_day",
        STOP="test_seasons:test_a_refused_tariff_is_told",
        HYSTERESIS="test_seasons:test_new_rates_are_put_in_once_a_day",
        UNKNOWN="test_seasons:test_unknown_rates_are_no_tariff",
        STALE="test_seasons:test_unknown_rates_are_no_tariff",
        RESTART="test_seasons:test_new_rates_are_put_in_once_a_day",
        DRY_RUN="test_seasons:test_a_tariff_can_be_tried_dry",
        HUMAN_WINS="test_seasons:test_never_while_somebody_has_the_battery",
        CLOCK_CHANGE="test_seasons:test_a_preset_on_mondays_and_before_the_clock_changes",
        HALF_HOURS="control/test_tariff_compiler:test_a_day_of_46_48_or_50_slots_fits",
    ),
    "back_to_normal": _row(
        START="test_scripts:test_back_to_normal_ends_everything",
        STOP="test_scripts:test_back_to_normal_ends_everything",
        HYSTERESIS=Why.BY_HAND,
        UNKNOWN=Why.BY_HAND,
        STALE=Why.BY_HAND,
        RESTART=Why.BY_HAND,
        DRY_RUN="test_scripts:test_back_to_normal_can_be_tried_dry",
        HUMAN_WINS=Why.IS_HUMAN,
        CLOCK_CHANGE=Why.NO_CLOCK,
    ),
    "charge_now": _by_hand("charge_now"),
    "commissioning_check": _row(
        START="test_scripts:test_a_minute_each_way",
        STOP="test_scripts:test_a_minute_each_way",
        HYSTERESIS=Why.BY_HAND,
        UNKNOWN="test_scripts:test_it_refuses",
        STALE=Why.BY_HAND,
        RESTART=Why.ENDS_ITSELF,
        DRY_RUN="test_scripts:test_without_a_confirmation_it_only_looks",
        HUMAN_WINS=Why.IS_HUMAN,
        CLOCK_CHANGE=Why.NO_CLOCK,
    ),
    "export_now": _by_hand("export_now"),
    "hold": _by_hand("hold"),
}
