"""A hand mill for knowledge: raw sources in, a cited and interlinked Markdown wiki out."""

__version__ = "0.1.0"
