"""Price snapshots that come with the package: one JSON file for each region."""
