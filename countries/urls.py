"""Public addresses of countries and groups of countries."""

from django.urls import path

from countries import views

app_name = "countries"
urlpatterns = [
    path("countries/", views.CountryListView.as_view(), name="country_list"),
    path("countries/<slug:code>/", views.CountryView.as_view(), name="country_detail"),
    path("groups/<slug:code>/", views.GroupView.as_view(), name="group_detail"),
]
