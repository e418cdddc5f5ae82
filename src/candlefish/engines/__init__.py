"""The plan as running programs."""
