"""What `Database` is made of."""
