"""The whole catalogue as dated releases, which stay as they were."""

from practices.releases.making import ReleaseError, make
from practices.releases.shelf import find, releases

__all__ = ["ReleaseError", "find", "make", "releases"]
