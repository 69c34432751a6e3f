"""Speed, measured honestly: CPU per request, next to a reference page of the same run."""
