"""Releases, search, and the Datasette that shows them."""
