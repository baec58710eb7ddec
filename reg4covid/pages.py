"""What public pages have in common."""

from functools import cached_property

from django.views.decorators.csrf import csrf_exempt


class PublicPage:
    """A page that is only read. Whoever sends it something is told so (405), not asked for a token of a form."""

    @classmethod
    def as_view(cls, **initkwargs):
        return csrf_exempt(super().as_view(**initkwargs))

    @cached_property
    def catalogue(self):
        """The ``Snapshot`` that the whole page is made from."""
        return self.request.catalogue

    def dispatch(self, *args, **kwargs):
        response = super().dispatch(*args, **kwargs)
        response.is_public_page = True
        return response


class OpenToScripts:
    """A file that scripts of any site may read: it is public, and no cookie decides what is in it."""

    def dispatch(self, *args, **kwargs):
        response = super().dispatch(*args, **kwargs)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "ETag, X-Row-Count"
        return response
