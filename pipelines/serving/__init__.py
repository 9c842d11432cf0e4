"""The released marts for many users at once."""
