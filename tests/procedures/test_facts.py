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

# Fact, pages, what each block that claims it must say: whole phrases with their hedges, so that nothing becomes
# stronger by a word left out; alternatives are divided by "|".
FACTS = [
    ("W1", [OVERVIEW], ["minimally invasive surgical procedure", "for compression fractures of the spine",
                        "particularly those caused by osteoporosis or trauma"]),
    ("W2", [OVERVIEW], ["special balloons and bone cement", "are used to restore the height of the broken bone",
                        "make it stable and relieve pain"]),
    ("W3", [OVERVIEW], ["Physicians and spinal specialists perform it to repair fractures of the spine"]),
    ("W4", [OVERVIEW], ["no longer stable", "A small balloon can then be put into the broken area",
                        "inflated to bring the bone back into its proper shape"]),
    ("W5", [OVERVIEW], ["medical-grade cement is injected into the space", "hardens into a permanent structure",
                        "stabilizes the spine"]),
    ("W6", [OVERVIEW], ["Patients usually recover relatively quickly"]),
    ("H1", [OVERVIEW], ["You are under local or general anesthesia"]),
    ("H2", [OVERVIEW], ["small cut is made in your back", "narrow tube, called a trocar, is guided through it",
                        "into the fractured vertebral body", "Real-time X-ray imaging", "fluoroscopic guidance"]),
    ("H3", [OVERVIEW], ["Special balloons go through the tube and are inflated",
                        "a space inside the collapsed vertebral body"]),
    ("H4", [OVERVIEW], ["deflated and removed", "filled with bone cement, which hardens and stabilizes the fracture"]),
    ("H5", [OVERVIEW], ["is typically done on both sides of the vertebral body, to restore balance and symmetry"]),
    ("H6", [OVERVIEW, BENEFITS], ["By restoring height and making the bone stable",
                                  "aims to relieve pain and improve how the spine works"]),
    ("H7", [BENEFITS], ["It can ease the acute pain of the fracture", "It can prevent further collapse of the vertebra",
                        "It can restore the height of the vertebra",
                        "This may improve posture and the overall alignment"]),
    ("B1", [BENEFITS], ["can relieve pain rapidly. It does so by making the broken vertebra stable and by reducing "
                        "pressure on the nerves around it."]),
    ("B2", [BENEFITS], ["may restore some of the height that was lost", "can improve alignment and reduce deformity"]),
    ("R1", [RECOVERY], ["counts as minimally invasive", "Most patients recover relatively quickly"]),
    ("R2", [RECOVERY], ["patients are typically monitored for a short time and then discharged"]),
    ("R3", [OVERVIEW, RECOVERY], ["You may be advised to limit strenuous activity for a few weeks. "
                                  "You may need a back brace"]),
    ("R4", [RECOVERY], ["Physical therapy and rehabilitation exercises may be recommended, to restore strength and "
                        "mobility"]),
    ("R5", [OVERVIEW, RECOVERY], ["can usually go home the same day or the day after"]),
    ("R6", [RECOVERY], ["Limited activity is recommended for a short period, so that the cement hardens"]),
    ("R7", [OVERVIEW, RECOVERY], ["most patients have|Most patients have", "immediate pain relief",
                                  "full recovery may take some time"]),
    ("R8", [BENEFITS], ["Like any surgery, kyphoplasty carries risks, including infection, bleeding and nerve damage.",
                        "These are not all possible risks. Ask your doctor."]),
    ("R9", [OVERVIEW], ["is considered when conservative treatments do not bring enough relief", "for example",
                        "rest, pain medications and bracing"]),
    ("R10", [OVERVIEW, BENEFITS, RECOVERY], ["It is important to discuss the benefits, the risks and whether it suits "
                                             "you with your healthcare provider"]),
    ("R11", [OVERVIEW], ["A thorough evaluation helps determine whether it is right for your condition"]),
    ("C1", [OVERVIEW, BENEFITS, RECOVERY], ["need to see a specialist? Contact us to schedule an appointment"]),
    ("F1", [OVERVIEW, BENEFITS, RECOVERY, CONTACT], ["Contact us", "Ask a question or book an appointment below", "+"]),
    ("S1", [OVERVIEW, BENEFITS, RECOVERY, CONTACT], ["Facebook"]),
]  # fmt: skip
TOLD = [(fact, page, phrases) for fact, pages, phrases in FACTS for page in pages]

# What stands above the blocks tells facts, too: word for word, so that a stronger one does not slip in.
TITLES_AND_LEADS = {
    OVERVIEW: (
        "Kyphoplasty",
        "Kyphoplasty is surgery that uses special balloons and bone cement to repair fractures of the spine.",  # W2, W3
    ),
    BENEFITS: (
        "Benefits and risks of kyphoplasty",
        "Kyphoplasty can help with the pain of a spinal fracture, and like any surgery it carries risks.",  # H7, R8
    ),
    RECOVERY: (
        "Recovery after kyphoplasty",
        "Kyphoplasty is minimally invasive, and most patients recover relatively quickly.",  # R1
    ),
}

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


@pytest.mark.parametrize(("fact", "path", "phrases"), TOLD, ids=[f"{fact} {path}" for fact, path, _ in TOLD])
def test_a_fact_is_told_with_its_hedge(client, fact, path, phrases):
    blocks = Blocks(client.get(path).content.decode())
    told = [text for found, text in blocks.found if found == fact]

    assert told, f"no block on {path} tells {fact}"
    for text in told:
        assert missing(text, phrases) == [], text


@pytest.mark.parametrize("path", TITLES_AND_LEADS)
def test_titles_and_leads_claim_no_more_than_the_facts(client, path):
    page = client.get(path).content.decode()

    assert re.search(r"<h1>(.*?)</h1>\s*<p class=\"lead\">(.*?)</p>", page).groups() == TITLES_AND_LEADS[path]


def test_every_fact_of_the_clinic_is_in_the_table():
    numbers = {"W": 6, "H": 7, "B": 2, "R": 11, "C": 1, "F": 1, "S": 1}

    assert {fact for fact, _, _ in FACTS} == {
        f"{kind}{n}" for kind, last in numbers.items() for n in range(1, last + 1)
    }


def test_no_block_claims_a_fact_that_is_not_in_the_table(client):
    for path in (OVERVIEW, BENEFITS, RECOVERY, CONTACT):
        told = {fact for fact, _ in Blocks(client.get(path).content.decode()).found}
        assert told == {fact for fact, page, _ in TOLD if page == path}


def test_the_networks_of_the_clinic_stand_in_the_footer(client):
    footer = client.get(OVERVIEW).content.decode().split('class="site-footer"')[1]

    assert [name for name in ("Facebook", "Instagram", "TikTok") if f">{name}</a>" in footer] == [
        "Facebook",
        "Instagram",
        "TikTok",
    ]


def test_limited_activity_is_never_given_in_weeks(client):
    for fact, text in Blocks(client.get(RECOVERY).content.decode()).found:
        if fact in ("R4", "R6"):
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
