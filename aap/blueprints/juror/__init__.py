"""Pages of jurors."""
