"""Captures that nobody had to crawl: WARC, WACZ, saved HTML, text, CDX."""
