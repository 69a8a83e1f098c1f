"""Studies of lesson 07, and the race of `make bench`."""
