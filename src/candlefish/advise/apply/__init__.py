"""Apply advice to the database itself: one index at a time, without blocking anybody, in a journal, with a way back."""
