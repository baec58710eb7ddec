"""What a file holds, whatever its format."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from practices.catalogue import Snapshot
from practices.serializers import measures_as_data


class Incomplete(Exception):
    """The file cannot be finished as it was announced, so whoever writes it stops."""


@dataclass
class Export:
    """The measures of ``rows``, in that order, and what a file says of the whole.

    ``address`` is that of the list that shows the same; ``filters`` are its parameters, lists of values by name.
    """

    snapshot: Snapshot
    rows: np.ndarray
    at: datetime
    address: str
    filters: dict

    def __len__(self):
        return len(self.rows)

    def measures(self):
        """The measures as data, one after the other. ``Incomplete`` at the end where there are not as many as rows:
        one was withdrawn meanwhile."""
        count = 0
        for count, measure in enumerate(measures_as_data(self.snapshot, self.rows), start=1):  # noqa: B007
            yield measure
        if count != len(self):
            raise Incomplete(f"{len(self) - count} of {len(self)} measures were withdrawn while the file was written")
