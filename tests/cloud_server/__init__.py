"""Tests of the reference cloud, by a plain HTTP client."""
