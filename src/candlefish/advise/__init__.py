"""What to change, and what it would bring: computed from what the application does, and checked on the real engine."""
