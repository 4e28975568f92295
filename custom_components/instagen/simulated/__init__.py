"""A plant that is not there: energy physics and the device's own behaviour."""
