"""Fictional people, one finished case and a living instance: what somebody who tries the service finds."""
