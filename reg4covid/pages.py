"""What public pages have in common."""

from django.views.decorators.csrf import csrf_exempt


class PublicPage:
    """A page that is only read. Whoever sends it something is told so (405), not asked for a token of a form."""

    @classmethod
    def as_view(cls, **initkwargs):
        return csrf_exempt(super().as_view(**initkwargs))
