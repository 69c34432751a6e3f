"""Pages of project leaders."""
