"""Public addresses of what is made for machines and is the same in every language."""

from django.urls import path

from practices import embed_views, machines, sitemaps

app_name = "machines"
urlpatterns = [
    path("measures/<slug:slug>.png", machines.MeasurePictureView.as_view(), name="measure_picture"),
    path("countries/<slug:code>.png", machines.CountryPictureView.as_view(), name="country_picture"),
    path("oembed/", embed_views.OEmbedView.as_view(), name="oembed"),
    path("sitemap.xml", sitemaps.SitemapIndexView.as_view(), name="sitemap_index"),
    path("sitemaps/<slug:name>-<int:number>.xml", sitemaps.SitemapView.as_view(), name="sitemap"),
    path("robots.txt", machines.RobotsView.as_view(), name="robots"),
    path(".well-known/security.txt", machines.SecurityView.as_view(), name="security"),
]
