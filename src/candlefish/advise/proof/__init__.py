"""Proof: indexes built for real and statements run with and without them."""
