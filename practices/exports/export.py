"""What a file holds, whatever its format."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from practices.catalogue import Catalogue
from practices.serializers import measures_as_data


class Incomplete(Exception):
    """The file cannot be finished as it was announced, so whoever writes it stops."""


@dataclass
class Export:
    """The measures with these ``ids``, in that order, and what a file says of the whole.

    ``address`` is that of the list that shows the same; ``filters`` are its parameters, lists of values by name;
    ``day`` is that whose states are written, by default today.
    """

    catalogue: Catalogue
    ids: Sequence[int]
    at: datetime
    address: str
    filters: dict
    day: date | None = None

    def __len__(self):
        return len(self.ids)

    def measures(self):
        """Yield the measures as data. ``Incomplete`` at the end where some were withdrawn meanwhile."""
        count = 0
        for count, measure in enumerate(measures_as_data(self.catalogue, self.ids, self.day), start=1):  # noqa: B007
            yield measure
        if count != len(self):
            raise Incomplete(f"{len(self) - count} of {len(self)} measures were withdrawn while the file was written")
