"""One module per CMS family: how its listings page, and what identifies an article."""
