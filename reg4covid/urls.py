"""Addresses of the portal: English without a prefix, the other languages under theirs."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

from reg4covid import health

admin.site.site_header = admin.site.site_title = _("Network Resiliency Practices: editorial desk")
admin.site.index_title = _("What waits at the desk")

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("api/", RedirectView.as_view(pattern_name="api:documentation")),
    path("api/v1/", include("practices.api.urls")),
    path("", include("practices.urls_machines")),
    *i18n_patterns(
        path("", include("practices.urls_embeds")),
        path("", include("practices.urls")),
        path("", include("countries.urls")),
        prefix_default_language=False,
    ),
]

handler400 = "reg4covid.views.bad_request"
handler403 = "reg4covid.views.permission_denied"
handler404 = "reg4covid.views.page_not_found"
handler500 = "reg4covid.views.server_error"
