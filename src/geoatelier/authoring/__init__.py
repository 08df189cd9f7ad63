"""The authoring line: `lessons/` becomes notebooks, exercise sheets and solutions (build time only)."""
