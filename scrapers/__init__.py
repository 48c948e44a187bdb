"""Every way to obtain a capture: crawl, import, backfill; and the registry of portals."""
