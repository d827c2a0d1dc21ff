from django.urls import path, re_path

from appointments.public.views import appointment, choosing, contact, inquiry, not_for_me, times, waiting

KEY = "(?P<key>[A-Za-z0-9_-]{22})"

urlpatterns = [
    path("appointments/", contact.contact, name="appointments"),
    path("appointments/times/", times.times, name="times"),
    path("contact/", contact.old_address),
    re_path(rf"^appointments/{KEY}/$", inquiry.inquiry, name="inquiry"),
    re_path(rf"^appointments/{KEY}/reply/$", inquiry.reply, name="inquiry_reply"),
    re_path(rf"^appointments/{KEY}/times/$", choosing.choose, name="inquiry_times"),
    re_path(rf"^appointments/{KEY}/offers/$", appointment.answer_proposals, name="inquiry_proposals"),
    re_path(rf"^appointments/{KEY}/earlier/$", appointment.earlier, name="inquiry_earlier"),
    re_path(rf"^appointments/{KEY}/coming/$", appointment.coming, name="inquiry_coming"),
    re_path(rf"^appointments/{KEY}/waiting/$", waiting.waiting, name="inquiry_waiting"),
    re_path(rf"^appointments/{KEY}/cancel/$", appointment.cancel, name="inquiry_cancel"),
    re_path(rf"^appointments/{KEY}/card/$", appointment.card, name="inquiry_card"),
    re_path(rf"^appointments/{KEY}/calendar\.ics$", appointment.calendar, name="inquiry_calendar"),
    re_path(rf"^appointments/{KEY}/reminders/$", inquiry.reminders, name="inquiry_reminders"),
    re_path(rf"^appointments/{KEY}/not-for-me/$", not_for_me.not_for_me, name="inquiry_not_for_me"),
]
