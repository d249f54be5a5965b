"""Draws the office's documents with ReportLab. Everything drawn is marked CONTOH, since everyone in it is invented."""
