"""People, their organisations and their regional roles."""
