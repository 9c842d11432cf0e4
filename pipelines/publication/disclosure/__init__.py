"""Disclosure control: which counts of persons are not printed, proof that they cannot be worked out, and hiding them.

cells → plan → audit → mask; `former` keeps what the next edition has to reckon with.
"""
