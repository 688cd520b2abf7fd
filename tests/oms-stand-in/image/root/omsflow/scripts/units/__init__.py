"""Scripts that the documentation names, run as `python -m omsflow.scripts.units.NAME`."""
