"""The tiny model of the training tests serves here too."""

from tests.train.conftest import tiny_model

__all__ = ["tiny_model"]
