"""
Each clinical fact stands on its page, in a block marked with its id, with its hedge.

The facts are the clinic's; a page may put them in other words, but never make them stronger.
"""

import re
from html.parser import HTMLParser

import pytest
from django.core.management import call_command

from clinic.models import SocialLink

pytestmark = pytest.mark.django_db

OVERVIEW, BENEFITS, RECOVERY = (
    "/procedures/kyphoplasty/",
    "/procedures/kyphoplasty/benefits/",
    "/procedures/kyphoplasty/recovery/",
)
CONTACT = "/appointments/"

# Fact, page, what the block that tells it must say: words, or alternatives divided by "|". Hedges are among them.
FACTS = [
    ("W1", OVERVIEW, ["minimally invasive", "surgical procedure|surgery", "compression fractures", "particularly",
                      "osteoporosis", "trauma"]),
    ("W2", OVERVIEW, ["special balloons", "bone cement", "restore", "height", "stable|stabilize", "relieve pain"]),
    ("W3", OVERVIEW, ["Physicians", "spinal specialists", "repair", "fractures"]),
    ("W4", OVERVIEW, ["no longer stable|instability", "small balloon", "can", "inflated", "proper shape"]),
    ("W5", OVERVIEW, ["medical-grade cement", "injected", "hardens", "permanent structure", "stabilizes the spine"]),
    ("W6", OVERVIEW, ["usually", "relatively quickly"]),
    ("H1", OVERVIEW, ["local or general anesthesia"]),
    ("H2", OVERVIEW, ["small cut|small incision", "back", "narrow tube", "trocar", "fractured vertebral body",
                      "fluoroscopic guidance", "Real-time X-ray"]),
    ("H3", OVERVIEW, ["Special balloons", "tube|trocar", "inflated", "space|cavity", "collapsed vertebral body"]),
    ("H4", OVERVIEW, ["deflated and removed", "filled with bone cement", "hardens", "stabilizes the fracture"]),
    ("H5", OVERVIEW, ["typically", "both sides of the vertebral body", "balance and symmetry"]),
    ("H6", OVERVIEW, ["aims to", "relieve pain", "improve"]),
    ("H6", BENEFITS, ["aims to", "relieve pain", "improve"]),
    ("H7", BENEFITS, ["acute pain of the fracture", "prevent further collapse", "restore the height", "may improve",
                      "posture", "overall alignment"]),
    ("B1", BENEFITS, ["can relieve pain rapidly", "stable|stabilizing", "reducing pressure", "nerves"]),
    ("B2", BENEFITS, ["may restore some", "can improve alignment", "reduce deformity"]),
    ("R1", RECOVERY, ["counts as minimally invasive", "Most patients", "relatively quickly"]),
    ("R2", RECOVERY, ["typically monitored for a short time", "discharged"]),
    ("R3", RECOVERY, ["may be advised to limit strenuous activity for a few weeks.", "may need a back brace"]),
    ("R4", RECOVERY, ["Physical therapy", "rehabilitation exercises", "may be recommended", "strength and mobility"]),
    ("R5", RECOVERY, ["can usually go home the same day or the day after"]),
    ("R6", RECOVERY, ["Limited activity is recommended for a short period", "so that the cement hardens"]),
    ("R7", RECOVERY, ["Most patients have immediate pain relief, but full recovery may take some time"]),
    ("R8", BENEFITS, ["Like any surgery", "risks, including infection, bleeding and nerve damage",
                      "not all possible risks", "Ask your doctor"]),
    ("R9", OVERVIEW, ["is considered when", "conservative treatments", "not bring enough relief", "rest",
                      "pain medications", "bracing"]),
    ("R10", OVERVIEW, ["important to discuss", "benefits", "risks", "suits you|suitability", "healthcare provider"]),
    ("R10", BENEFITS, ["important to discuss", "benefits", "risks", "suits you|suitability", "healthcare provider"]),
    ("R10", RECOVERY, ["important to discuss", "benefits", "risks", "suits you|suitability", "healthcare provider"]),
    ("R11", OVERVIEW, ["thorough evaluation", "helps determine", "right for your condition"]),
    *[("C1", page, ["need to see a specialist", "Contact us", "schedule an appointment"])
      for page in (OVERVIEW, BENEFITS, RECOVERY)],
    *[("F1", page, ["Contact us", "Ask a question or book an appointment", "+"])
      for page in (OVERVIEW, BENEFITS, RECOVERY, CONTACT)],
    ("S1", OVERVIEW, ["Facebook"]),
]  # fmt: skip

VOID = {"meta", "link", "input", "br", "hr", "img"}


class Blocks(HTMLParser):
    """The text of each element with a data-fact attribute, by fact."""

    def __init__(self, html: str):
        super().__init__()
        self.open: list[tuple[str, list[str], list[str]]] = []
        self.found: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append((tag, (dict(attrs).get("data-fact") or "").split(), []))

    def handle_endtag(self, tag):
        _, facts, words = self.open.pop()
        text = re.sub(r"\s+", " ", " ".join(words)).strip()
        self.found += [(fact, text) for fact in facts]
        if self.open:
            self.open[-1][2].extend(words)

    def handle_data(self, data):
        if self.open:
            self.open[-1][2].append(data)


@pytest.fixture(autouse=True)
def _content():
    call_command("load_content", verbosity=0)
    SocialLink.objects.update(url="https://example.com/")


def missing(text: str, phrases: list[str]) -> list[str]:
    return [phrase for phrase in phrases if not any(words in text for words in phrase.split("|"))]


@pytest.mark.parametrize(("fact", "path", "phrases"), FACTS, ids=[f"{fact} {path}" for fact, path, _ in FACTS])
def test_a_fact_is_told_with_its_hedge(client, fact, path, phrases):
    blocks = Blocks(client.get(path).content.decode())
    told = [text for found, text in blocks.found if found == fact]

    assert told, f"no block on {path} tells {fact}"
    assert any(not missing(text, phrases) for text in told), (told, [missing(text, phrases) for text in told])


def test_every_fact_of_the_clinic_is_in_the_table():
    numbers = {"W": 6, "H": 7, "B": 2, "R": 11, "C": 1, "F": 1, "S": 1}

    assert {fact for fact, _, _ in FACTS} == {
        f"{kind}{n}" for kind, last in numbers.items() for n in range(1, last + 1)
    }


def test_no_block_claims_a_fact_that_is_not_in_the_table(client):
    for path in (OVERVIEW, BENEFITS, RECOVERY, CONTACT):
        told = {fact for fact, _ in Blocks(client.get(path).content.decode()).found}
        assert told == {fact for fact, page, _ in FACTS if page == path} | ({"S1"} if path != OVERVIEW else set())


def test_the_networks_of_the_clinic_stand_in_the_footer(client):
    footer = client.get(OVERVIEW).content.decode().split('class="site-footer"')[1]

    assert [name for name in ("Facebook", "Instagram", "TikTok") if f">{name}</a>" in footer] == [
        "Facebook",
        "Instagram",
        "TikTok",
    ]


def test_limited_activity_is_never_given_in_weeks(client):
    for fact, text in Blocks(client.get(RECOVERY).content.decode()).found:
        if fact in ("R4", "R6", "R7"):
            assert "week" not in text


def test_risks_have_a_heading_of_the_same_rank_as_the_benefits(client):
    html = client.get(BENEFITS).content.decode()

    ranks = dict(re.findall(r"<(h\d)[^>]*>(Benefits|Risks)<", html))
    assert len(re.findall(r'<div class="card">', html)) == 2
    assert list(ranks) == ["h2"]


def test_no_number_is_claimed(client):
    """The facts hold no figure but those of steps and of the address; a rate or a duration would be invented."""
    for path in (OVERVIEW, BENEFITS, RECOVERY):
        article = client.get(path).content.decode().split("<article")[1].split("</article>")[0]
        text = re.sub(r"<[^>]+>", " ", article)
        assert not re.search(r"\d|percent|%", text), path
