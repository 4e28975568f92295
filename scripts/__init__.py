"""Programs for those who develop the integration."""
