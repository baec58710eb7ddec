"""What public pages have in common."""

from functools import cached_property

from django.template.context import make_context
from django.template.response import TemplateResponse
from django.views.decorators.csrf import csrf_exempt


class PageResponse(TemplateResponse):
    """A page that lets go of what it was made from. The context refers to itself, so that all it has would stay in
    memory until Python looks for such circles, which takes a twentieth of a list's time.
    """

    @property
    def rendered_content(self):
        template = self.resolve_template(self.template_name).template
        context = make_context(self.resolve_context(self.context_data), self._request)
        try:
            return template.render(context)
        finally:
            context.dicts.clear()


class PublicPage:
    """A page that is only read. Whoever sends it something is told so (405), not asked for a token of a form."""

    response_class = PageResponse

    @classmethod
    def as_view(cls, **initkwargs):
        return csrf_exempt(super().as_view(**initkwargs))

    def head(self, *args, **kwargs):
        """As ``get``. Django would put that on each view, which then refers to itself."""
        return self.get(*args, **kwargs)

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
