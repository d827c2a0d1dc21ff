from django.urls import path, re_path

from appointments import views

KEY = "(?P<key>[A-Za-z0-9_-]{22})"

urlpatterns = [
    path("appointments/", views.contact, name="appointments"),
    path("contact/", views.old_address),
    re_path(rf"^appointments/{KEY}/$", views.inquiry, name="inquiry"),
    re_path(rf"^appointments/{KEY}/reply/$", views.reply, name="inquiry_reply"),
    re_path(rf"^appointments/{KEY}/reminders/$", views.reminders, name="inquiry_reminders"),
]
