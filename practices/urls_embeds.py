"""Public addresses of what other sites, and browsers themselves, show of the portal. They keep their meaning."""

from django.urls import path

from practices import embed_views, machines

app_name = "embeds"
urlpatterns = [
    path("embed/map/", embed_views.MapEmbed.as_view(), name="map"),
    path("embed/measures/", embed_views.ListEmbed.as_view(), name="measure_list"),
    path("embed/measures/<slug:slug>/", embed_views.MeasureEmbed.as_view(), name="measure_detail"),
    path("embed/countries/<slug:code>/", embed_views.CountryEmbed.as_view(), name="country_detail"),
    path("opensearch.xml", machines.OpenSearchView.as_view(), name="opensearch"),
    path("suggestions.json", machines.SuggestionsJsonView.as_view(), name="suggestions"),
]
