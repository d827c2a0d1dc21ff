"""
What search engines are told about a page, as one JSON-LD graph: what the page shows, and the clinic's country.

Source: https://schema.org, with the types MedicalClinic, PostalAddress, MedicalWebPage, SurgicalProcedure,
MedicalProcedure and BreadcrumbList.
"""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.models import Clinic
from clinic.practice import Practice
from procedures.models import Page, Procedure, Revision

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def graph(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@graph": list(nodes)}


def clinic(practice: Practice) -> dict[str, Any]:
    about = {
        "@type": "MedicalClinic",
        "@id": f"{_url('home')}#clinic",
        "name": practice.clinic.name,
        "url": _url("home"),
        "telephone": practice.clinic.phone,
        "address": _address(practice.clinic),
        "openingHoursSpecification": [
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": DAYS[opening.weekday],
                "opens": f"{opening.opens:%H:%M}",
                "closes": f"{opening.closes:%H:%M}",
            }
            for opening in practice.week
        ],
        "sameAs": [link.url for link in practice.social_links],
    }
    return {name: value for name, value in about.items() if value}


def _address(clinic: Clinic) -> dict[str, str]:
    parts = {
        "streetAddress": ", ".join(clinic.street.splitlines()),
        "addressLocality": clinic.city,
        "addressRegion": clinic.state,
        "postalCode": clinic.postal_code,
    }
    known = {name: value for name, value in parts.items() if value}
    return {"@type": "PostalAddress", **known, "addressCountry": clinic.country} if known else {}


def page(procedure: Procedure, page: Page, revision: Revision, practice: Practice) -> dict[str, Any]:
    """The graph of one page of a procedure."""
    url = f"{settings.SITE_URL}{page.get_absolute_url()}"
    overview = f"{settings.SITE_URL}{procedure.get_absolute_url()}"
    crumbs = [(_url("home"), _("Home")), (_url("procedures"), _("Procedures")), (overview, procedure.name)]
    if url != overview:
        crumbs.append((url, page.label))
    return graph(
        clinic(practice),
        {
            "@type": "MedicalWebPage",
            "@id": url,
            "url": url,
            "name": revision.title,
            "description": revision.lead,
            "inLanguage": page.language,
            "publisher": {"@id": f"{_url('home')}#clinic"},
            "about": {"@id": f"{overview}#procedure"},
            **_review(revision),
        },
        {
            "@type": "SurgicalProcedure" if procedure.is_surgery else "MedicalProcedure",
            "@id": f"{overview}#procedure",
            "name": procedure.name,
            "url": overview,
        },
        {
            "@type": "BreadcrumbList",
            "itemListElement": [
                {"@type": "ListItem", "position": number, "item": item, "name": words}
                for number, (item, words) in enumerate(crumbs, start=1)
            ],
        },
    )


def _review(revision: Revision) -> dict[str, Any]:
    """Only a real review is told, as the page tells it."""
    if not (sign_off := revision.sign_off):
        return {}
    reviewer = {"@type": "Person", "name": sign_off.signed_by}
    return {"lastReviewed": sign_off.signed_on.isoformat(), "reviewedBy": reviewer}


def _url(name: str) -> str:
    return f"{settings.SITE_URL}{reverse(name)}"
