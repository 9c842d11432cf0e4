"""Invented deliveries of any size: who lies where, who lives there, what the departments would send of it.

Every figure is a hash of what it is about, so a row is the same however much is made beside it; nobody in them exists.
"""
