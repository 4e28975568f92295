"""The dry contact in the hall: its rules in the device, or in Home Assistant."""
