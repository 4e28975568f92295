"""Tests of the blueprints in the box."""
