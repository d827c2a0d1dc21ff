from django.urls import path, re_path

from appointments.public import views

KEY = "(?P<key>[A-Za-z0-9_-]{22})"

urlpatterns = [
    path("appointments/", views.contact, name="appointments"),
    path("appointments/times/", views.times, name="times"),
    path("contact/", views.old_address),
    re_path(rf"^appointments/{KEY}/$", views.inquiry, name="inquiry"),
    re_path(rf"^appointments/{KEY}/reply/$", views.reply, name="inquiry_reply"),
    re_path(rf"^appointments/{KEY}/times/$", views.choose, name="inquiry_times"),
    re_path(rf"^appointments/{KEY}/offers/$", views.offers, name="inquiry_offers"),
    re_path(rf"^appointments/{KEY}/earlier/$", views.earlier, name="inquiry_earlier"),
    re_path(rf"^appointments/{KEY}/cancel/$", views.cancel, name="inquiry_cancel"),
    re_path(rf"^appointments/{KEY}/card/$", views.card, name="inquiry_card"),
    re_path(rf"^appointments/{KEY}/calendar\.ics$", views.calendar, name="inquiry_calendar"),
    re_path(rf"^appointments/{KEY}/reminders/$", views.reminders, name="inquiry_reminders"),
]
