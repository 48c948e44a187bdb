"""Small sample portals on loopback, in the markup and manners of real families."""
