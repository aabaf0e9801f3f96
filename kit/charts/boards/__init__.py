"""Boards that a team draws from its own words: fishbone, process map, driver diagram, affinity wall, timeline."""
