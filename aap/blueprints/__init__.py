"""The pages, by audience. Audiences do not know each other."""
