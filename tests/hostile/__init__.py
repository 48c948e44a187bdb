"""A loopback internet that breaks every rule, and the means to watch a crawler in it."""
