"""The island of la Galéjade, made from a seed: `publish.write_territory` makes it and writes it.

Makers run in this order, each from the seed and the ones before it: terrain, settlement, farmland, cover,
imagery and orthophoto, defects. `world` pins what they hand over, `schemas` what is published. Nothing is
imported here, so that a test of one maker does not load the others.
"""
