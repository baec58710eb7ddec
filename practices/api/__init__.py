"""The catalogue for programs: ``/api/v1/``, read-only, for anybody. ``docs/api.md`` is its documentation."""

PREFIX = "/api/"
