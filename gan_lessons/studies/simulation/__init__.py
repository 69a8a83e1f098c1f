"""Studies of lesson 13."""
