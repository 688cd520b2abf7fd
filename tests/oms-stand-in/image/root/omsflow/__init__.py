"""The workings of the stand-in OMS; the package is named as the real one is."""
