"""The page about the data, and the files of releases."""

import mimetypes

from django.conf import settings
from django.http import FileResponse, Http404
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from practices import structured
from practices.exports import FORMATS
from practices.exports.tables import MEASURES
from practices.releases.making import MEDIA_TYPES
from practices.releases.shelf import find, releases
from reg4covid.pages import OpenToScripts, PublicPage

# A file of a release never changes under its name.
KEPT_FOR_GOOD = "public, max-age=31536000, immutable"


class DataView(PublicPage, TemplateView):
    """What there is to take along, how, and on what terms."""

    template_name = "practices/data.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            formats=FORMATS.items(),
            columns=MEASURES.columns,
            releases=releases(),
            base=settings.SITE_URL,
            structured=structured.catalogue(self.catalogue),
            **kwargs,
        )


class ReleasedFileView(OpenToScripts, View):
    """A file of a release, which is what its digest says it is."""

    def get(self, request, *args, release, name, **kwargs):
        found = find(release)
        file = found and found.files.get(name)
        if not file:
            raise Http404(_("There is no such file. The Data page lists all releases."))
        headers = {"Cache-Control": KEPT_FOR_GOOD, "ETag": f'"{file.sha256}"'}
        answer = get_conditional_response(request, etag=headers["ETag"])
        if answer is None:
            media_type = MEDIA_TYPES.get(file.path.suffix) or mimetypes.guess_type(name)[0] or "text/plain"
            answer = FileResponse(file.path.open("rb"), as_attachment=True, filename=name, content_type=media_type)
        for header, value in headers.items():
            answer.headers[header] = value
        return answer
