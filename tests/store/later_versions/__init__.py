"""Revisions of a program that is not written yet: an added column with its values, and tables that are rebuilt."""
