"""The engine that asks a model."""
