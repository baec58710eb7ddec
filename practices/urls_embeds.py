"""Public addresses of what other sites, and browsers themselves, show of the portal. They keep their meaning."""

from django.urls import path

from practices import machines

app_name = "embeds"
urlpatterns = [
    path("opensearch.xml", machines.OpenSearchView.as_view(), name="opensearch"),
    path("suggestions.json", machines.SuggestionsJsonView.as_view(), name="suggestions"),
]
