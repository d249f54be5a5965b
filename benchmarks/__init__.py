"""Measurements of the kiosk beside the program a user would pick instead. ``python -m benchmarks [names]``."""
