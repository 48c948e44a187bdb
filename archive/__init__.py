"""Keeps every capture and every version; publishes a read-only copy."""
