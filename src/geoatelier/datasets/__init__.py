"""Where the data is: the active territory, its layers and rasters by name."""
