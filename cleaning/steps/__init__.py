"""One labelling step a module."""
