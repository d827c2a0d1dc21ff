from django.urls import path, re_path

from appointments import views

urlpatterns = [
    path("appointments/", views.contact, name="appointments"),
    path("contact/", views.old_address),
    re_path(r"^appointments/(?P<key>[A-Za-z0-9_-]{22})/$", views.inquiry, name="inquiry"),
]
