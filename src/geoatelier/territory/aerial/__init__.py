"""Painting a patch of the island as a camera in a plane would see it."""
