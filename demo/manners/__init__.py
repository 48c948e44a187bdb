"""How each engine answers: addresses, paging, duplicates. The markup lies in `demo/templates`."""
