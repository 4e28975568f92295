// What scripts/screenshots photographs: pages of the demo, traces of its automations,
// and blueprint forms as the guides in docs/tariffs have them filled in.

const SOC = "sensor.hit_15l_g3_battery_state_of_charge";
const METER = "octopus_energy_electricity_12a3456789_1100012345678";

const PAGES = {
  dashboard: { path: "/instagen-plant", height: 1500 },
  integration: { path: "/config/integrations/integration/instagen", height: 900 },
  energy: { path: "/energy", height: 900 },
  triggers: {
    path: "/config/automation/edit/new",
    width: 440,
    height: 1300,
    clicks: ["Add trigger", "By type", "Instagen"],
  },
  conditions: {
    path: "/config/automation/edit/new",
    height: 900,
    clicks: ["Add condition", "By type", "Instagen"],
  },
};

const TRACES = ["cheap_rate_charge", "solar_surplus_load", "alarm_notice"];

// Entities of other integrations, by the names that their documentation gives.
const OTHERS = {
  [`binary_sensor.${METER}_off_peak`]: ["off", "Off Peak Electricity"],
  [`event.${METER}_current_day_rates`]: ["unknown", "Current Day Rates Electricity"],
  [`event.${METER}_next_day_rates`]: ["unknown", "Next Day Rates Electricity"],
  "binary_sensor.octopus_energy_1a2b3c4d_intelligent_dispatching": [
    "off",
    "Intelligent Dispatching",
  ],
  "binary_sensor.economy_7": ["off", "Economy 7 hours"],
  "schedule.cosy_cheap_hours": ["off", "Cosy cheap hours"],
  "schedule.flux_cheap_hours": ["off", "Flux cheap hours"],
  "schedule.flux_peak_hours": ["off", "Flux peak hours"],
  "sensor.car_charger_power": [
    "0",
    "Car charger Power",
    { device_class: "power", unit_of_measurement: "W" },
  ],
};

const FORMS = {
  "go-cheap-rate": {
    alias: "Charge on Octopus Go",
    blueprint: "cheap_rate_charge",
    input: { soc: SOC, signal: `binary_sensor.${METER}_off_peak` },
  },
  "intelligent-go-cheap-rate": {
    alias: "Charge on Intelligent Go",
    blueprint: "cheap_rate_charge",
    clicks: ["Limits"],
    show: "Guaranteed night starts",
    height: 1400,
    input: {
      soc: SOC,
      signal: "binary_sensor.octopus_energy_1a2b3c4d_intelligent_dispatching",
      policy: "car",
      car_power: "sensor.car_charger_power",
    },
  },
  "intelligent-go-car-hold": {
    alias: "Keep the battery out of the car",
    blueprint: "car_hold",
    input: { car: "sensor.car_charger_power" },
  },
  "flux-cheap-rate": {
    alias: "Charge on Flux",
    blueprint: "cheap_rate_charge",
    input: { soc: SOC, signal: "schedule.flux_cheap_hours" },
  },
  "flux-peak-export": {
    alias: "Sell on Flux",
    blueprint: "peak_export",
    input: { soc: SOC, allow_export: true, signal: "schedule.flux_peak_hours" },
  },
  "cosy-cheap-rate": {
    alias: "Charge on Cosy",
    blueprint: "cheap_rate_charge",
    input: { soc: SOC, signal: "schedule.cosy_cheap_hours", target_soc: 100 },
  },
  "economy-7-cheap-rate": {
    alias: "Charge on Economy 7",
    blueprint: "cheap_rate_charge",
    input: { soc: SOC, signal: "binary_sensor.economy_7" },
  },
  "agile-plunge-charge": {
    alias: "Charge on Agile",
    blueprint: "plunge_charge",
    input: {
      soc: SOC,
      rates: [`event.${METER}_current_day_rates`, `event.${METER}_next_day_rates`],
    },
  },
};

module.exports = { FORMS, OTHERS, PAGES, TRACES };
