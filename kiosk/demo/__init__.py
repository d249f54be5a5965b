"""The demo: office, doubles, face and core on one machine, and a robot visitor where there is no display."""
