"""Scripts that the documentation names."""
