"""Anjungan: a self-service kiosk for Indonesian civil registration."""

__version__ = "0.1.0"
