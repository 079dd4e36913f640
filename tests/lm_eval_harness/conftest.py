"""The tiny model of the training tests is used here too."""

from tests.train.conftest import tiny_model

__all__ = ["tiny_model"]
