from django.urls import path, re_path, reverse_lazy
from django.views.generic import RedirectView

from appointments import views

urlpatterns = [
    path("appointments/", views.contact, name="appointments"),
    path("contact/", RedirectView.as_view(url=reverse_lazy("appointments"), permanent=True)),
    re_path(r"^appointments/(?P<key>[A-Za-z0-9_-]{22})/$", views.inquiry, name="inquiry"),
]
