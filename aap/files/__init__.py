"""Attachments: stored once, described in SQL, never replaced silently."""
