"""Takes the article out of a page: labelled blocks, nothing dropped in silence."""
