from django.urls import path

from procedures import views

urlpatterns = [
    path("procedures/", views.procedures, name="procedures"),
    path("procedures/glossary/", views.glossary, name="glossary"),
    path("procedures/<slug:procedure>/", views.page, name="procedure"),
    path("procedures/<slug:procedure>/print/", views.sheet, name="procedure_sheet"),
    path("procedures/<slug:procedure>/<slug:page>/", views.page, name="procedure_page"),
]
