"""What applications do to a tier while something happens to it, with every answer checked."""
