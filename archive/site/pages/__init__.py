"""Pages that people read: each module reads one kind of page from `tintinh.db` and answers its routes."""
