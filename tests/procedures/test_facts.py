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

# Fact, pages, what they tell of it: for each part of the fact the words by which a sentence is known to tell it, and
# the words that this very sentence must have, so that it is no stronger when it is read alone. Alternatives are divided
# by "|"; a sentence in a block of the fact that tells no part of it fails.
FACTS: list[tuple[str, list[str], dict[str, str]]] = [
    ("W1", [OVERVIEW], {"surgical procedure": "minimally invasive surgical procedure",
                        "compression fractures": "particularly those caused by osteoporosis or trauma"}),
    ("W2", [OVERVIEW], {"balloons and bone cement": "special balloons and bone cement",
                        "restore the height": "are used to restore the height of the broken bone, make it stable and "
                                              "relieve pain"}),
    ("W3", [OVERVIEW], {"perform it": "Physicians and spinal specialists perform it to repair fractures of the spine"}),
    ("W4", [OVERVIEW], {"no longer stable": "can be broken so badly that it is no longer stable",
                        "small balloon": "can then be put into the broken area",
                        "proper shape": "inflated to bring the bone back into its proper shape"}),
    ("W5", [OVERVIEW], {"injected": "medical-grade cement is injected into the space",
                        "permanent structure": "hardens into a permanent structure and stabilizes the spine"}),
    ("W6", [OVERVIEW], {"recover": "Patients usually recover relatively quickly"}),
    ("H1", [OVERVIEW], {"under": "local or general anesthesia"}),
    ("H2", [OVERVIEW], {"small cut": "is made in your back", "trocar": "is guided through it into the fractured "
                        "vertebral body", "X-ray": "Real-time X-ray imaging", "the way": "fluoroscopic guidance"}),
    ("H3", [OVERVIEW], {"inflated": "Special balloons go through the tube and are inflated",
                        "a space": "inside the collapsed vertebral body"}),
    ("H4", [OVERVIEW], {"deflated": "deflated and removed",
                        "filled": "with bone cement, which hardens and stabilizes the fracture"}),
    ("H5", [OVERVIEW], {"both sides": "typically done on both sides of the vertebral body, to restore balance and "
                                      "symmetry"}),
    ("H6", [OVERVIEW, BENEFITS], {"restoring height": "aims to relieve pain and improve how the spine works"}),
    ("H7", [BENEFITS], {"acute pain": "can help ease the acute pain of the fracture",
                        "collapse": "can help prevent further collapse of the vertebra",
                        "height of the vertebra": "can help restore the height of the vertebra",
                        "posture": "may improve posture and the overall alignment"}),
    ("B1", [BENEFITS], {"pain": "can relieve pain rapidly",
                        "pressure": "can do so by making the broken bone stable and reducing pressure on nerves "
                                    "around it"}),
    ("B2", [BENEFITS], {"that was lost": "may restore some of the height",
                        "deformity": "can improve alignment and reduce deformity"}),
    ("R1", [RECOVERY], {"invasive": "counts as minimally invasive",
                        "recover": "Most patients recover relatively quickly"}),
    ("R2", [RECOVERY], {"monitored": "patients are typically monitored for a short time and then discharged"}),
    ("R3", [OVERVIEW], {"strenuous": "may be advised to limit strenuous activity for a few weeks"}),
    ("R3", [RECOVERY], {"strenuous": "may be advised to limit strenuous activity for a few weeks",
                                  "brace": "may need a back brace"}),
    ("R4", [RECOVERY], {"exercises": "Physical therapy and rehabilitation exercises may be recommended, to restore "
                                     "strength and mobility"}),
    ("R5", [OVERVIEW, RECOVERY], {"go home": "can usually go home the same day or the day after"}),
    ("R6", [RECOVERY], {"activity": "is recommended for a short period, so that the cement hardens"}),
    # The two halves stay in one sentence: neither is true alone.
    ("R7", [OVERVIEW, RECOVERY], {"immediate|recovery": "ull recovery may take some time",
                                  "pain|recovery": "ost patients have immediate pain relief"}),
    ("R8", [OVERVIEW], {"infection": "Like any surgery, kyphoplasty carries risks, including infection, bleeding and "
                                     "nerve damage", "possible": "These are not all possible risks",
                        "Ask": "Ask your doctor"}),
    ("R8", [BENEFITS], {"surgery": "Like any surgery, kyphoplasty carries risks, including",
                        "infection": "infection", "bleeding": "bleeding", "damage": "nerve damage",
                        "possible": "These are not all possible risks", "Ask": "Ask your doctor"}),
    ("R9", [OVERVIEW], {"conservative": "is considered when conservative treatments, such as rest, pain medications "
                                        "and bracing, do not bring enough relief"}),
    ("R10", [OVERVIEW, BENEFITS, RECOVERY], {"discuss": "It is important to discuss the benefits, the risks and "
                                                        "whether it suits you with your healthcare provider"}),
    ("R11", [OVERVIEW], {"evaluation": "A thorough evaluation helps determine whether it is right for your condition"}),
]  # fmt: skip
# Beside the clinical facts, what the site offers: whole blocks with more in them.
OFFERS = [
    ("C1", [OVERVIEW, BENEFITS, RECOVERY], ["need to see a specialist? Contact us to schedule an appointment"]),
    ("F1", [OVERVIEW, BENEFITS, RECOVERY, CONTACT], ["a question", "appointment", "+"]),
    ("S1", [OVERVIEW, BENEFITS, RECOVERY, CONTACT], ["Facebook"]),
]
TOLD = [(fact, page, parts) for fact, pages, parts in FACTS for page in pages]
OFFERED = [(fact, page, phrases) for fact, pages, phrases in OFFERS for page in pages]
# What a sentence may say beside the facts of its block: dictionary sense, and what to do with them.
BESIDE = re.compile(
    r"Anesthesia is medicine that keeps you from feeling pain|Local is for one area; general means that you are asleep"
    r"|These questions may help"
)

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
        "What may come after the procedure, one step after the other.",
    ),
}

VOID = {"meta", "link", "input", "br", "hr", "img"}


# Whoever hears a page with a screen reader, or sees its first words, meets these one by one.
APART = {"p", "li", "dd", "ul", "ol", "dl", "div", "section", "figure", "details"}
# Labels, which claim nothing: what they say is looked at in another test.
LABELS = {"h1", "h2", "h3", "h4", "dt", "summary"}


class Blocks(HTMLParser):
    """The text of each element with a data-fact attribute as (facts, text), with a line end between its parts."""

    def __init__(self, html: str):
        super().__init__()
        self.open: list[tuple[str, list[str], list[str]]] = []
        self.found: list[tuple[list[str], str]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append((tag, (dict(attrs).get("data-fact") or "").split(), []))

    def handle_endtag(self, tag):
        _, facts, words = self.open.pop()
        if facts:
            self.found.append((facts, "".join(words)))
        if self.open and tag not in LABELS:
            self.open[-1][2].append("".join(words) + ("\n" if tag in APART else ""))

    def handle_data(self, data):
        if self.open:
            self.open[-1][2].append(re.sub(r"\s+", " ", data))

    def of(self, fact: str) -> list[str]:
        return [text for facts, text in self.found if fact in facts]


def sentences(text: str) -> list[str]:
    """Each sentence as somebody meets it who reads nothing before or after it."""
    said = re.split(r"(?<=[.!?])\s|\n", text)
    return [sentence for each in said if (sentence := each.strip())]


@pytest.fixture(autouse=True)
def _content():
    call_command("load_content", verbosity=0)
    SocialLink.objects.update(url="https://example.com/")


def has(text: str, words: str) -> bool:
    return any(each in text for each in words.split("|"))


def faults(sentence: str, parts: dict[str, str]) -> list[str]:
    """What a sentence lacks that tells these parts of facts; itself where it tells none."""
    told = [must for known_by, must in parts.items() if has(sentence, known_by)]
    return [must for must in told if not has(sentence, must)] if told else [sentence]


@pytest.mark.parametrize(("fact", "path", "parts"), TOLD, ids=[f"{fact} {path}" for fact, path, _ in TOLD])
def test_a_fact_is_told_with_all_its_parts(client, fact, path, parts):
    told = "".join(Blocks(client.get(path).content.decode()).of(fact))

    assert [must for must in parts.values() if not has(told, must)] == []


@pytest.mark.parametrize("path", [OVERVIEW, BENEFITS, RECOVERY])
def test_each_sentence_is_no_stronger_than_its_fact_also_when_it_is_read_alone(client, path):
    table = {fact: parts for fact, pages, parts in FACTS if path in pages}
    found = [
        (facts, sentence)
        for facts, text in Blocks(client.get(path).content.decode()).found
        if not set(facts) & {fact for fact, _pages, _phrases in OFFERS}
        for sentence in sentences(text)
    ]

    assert [
        (sentence, lacks)
        for facts, sentence in found
        if not BESIDE.search(sentence)
        and (lacks := faults(sentence, {known: must for fact in facts for known, must in table[fact].items()}))
    ] == []
    assert len(found) > 5


@pytest.mark.parametrize(("fact", "path", "phrases"), OFFERED, ids=[f"{fact} {path}" for fact, path, _ in OFFERED])
def test_what_the_site_offers_is_said(client, fact, path, phrases):
    told = Blocks(client.get(path).content.decode()).of(fact)

    assert told, f"no block on {path} tells {fact}"
    assert [phrase for phrase in phrases for text in told if phrase not in text] == []


@pytest.mark.parametrize("path", TITLES_AND_LEADS)
def test_titles_and_leads_claim_no_more_than_the_facts(client, path):
    page = client.get(path).content.decode()

    assert re.search(r"<h1>(.*?)</h1>\s*<p class=\"lead\">(.*?)</p>", page).groups() == TITLES_AND_LEADS[path]


def test_every_fact_of_the_clinic_is_in_the_table():
    numbers = {"W": 6, "H": 7, "B": 2, "R": 11, "C": 1, "F": 1, "S": 1}

    assert {fact for fact, _, _ in (*FACTS, *OFFERS)} == {
        f"{kind}{n}" for kind, last in numbers.items() for n in range(1, last + 1)
    }


def test_no_block_claims_a_fact_that_is_not_in_the_table(client):
    for path in (OVERVIEW, BENEFITS, RECOVERY, CONTACT):
        told = {fact for facts, _ in Blocks(client.get(path).content.decode()).found for fact in facts}
        assert told == {fact for fact, page, _ in (*TOLD, *OFFERED) if page == path}


def test_the_networks_of_the_clinic_stand_in_the_footer(client):
    footer = client.get(OVERVIEW).content.decode().split('class="site-footer"')[1]

    assert [name for name in ("Facebook", "Instagram", "TikTok") if f">{name}</a>" in footer] == [
        "Facebook",
        "Instagram",
        "TikTok",
    ]


def test_only_strenuous_activity_is_given_in_weeks(client):
    """Neither the cement, nor the brace, nor the exercises have a time in the facts."""
    for path in (OVERVIEW, RECOVERY):
        said = [one for _, text in Blocks(client.get(path).content.decode()).found for one in sentences(text)]
        in_weeks = {sentence for sentence in said if "week" in sentence}
        assert in_weeks == {"You may be advised to limit strenuous activity for a few weeks."}


def test_the_brace_stands_apart_from_the_weeks(client):
    page = client.get(RECOVERY).content.decode()

    heading = re.findall(r"<h3[^>]*>([^<]*)</h3>", page.rpartition("need a back brace")[0])[-1]
    assert heading == "A back brace"


def test_risks_are_as_prominent_as_benefits_and_come_first_with_them(client):
    """Both cards: a heading of one rank, one sentence and three lines; nothing but links before them."""
    article = client.get(BENEFITS).content.decode().split("<article")[1].split("</article>")[0]
    before, *cards = article.split('<div class="card">')

    heads = [re.findall(r"<(h2)[^>]*>(.*?)</h2>", card)[0] for card in cards]
    assert heads == [("h2", "Benefits"), ("h2", "Risks")]
    assert [len(re.findall("<li>", card.split("</ul>")[0])) for card in cards] == [3, 3]
    assert re.findall("<h2", before) == []
    assert "key-facts" not in article


def test_the_risks_are_three_lines_between_including_and_that_they_are_not_all(client):
    said = "\n".join(Blocks(client.get(BENEFITS).content.decode()).of("R8"))

    assert sentences(said) == [
        "Like any surgery, kyphoplasty carries risks, including",
        "infection,",
        "bleeding and",
        "nerve damage.",
        "These are not all possible risks.",
        "Ask your doctor.",
    ]


def test_risks_are_a_row_of_the_key_facts(client):
    facts = client.get(OVERVIEW).content.decode().split('class="key-facts"')[1].split("</dl>")[0]

    assert re.findall(r"<dt>(.*?)</dt>", facts) == ["Anesthesia", "Going home", "Activity", "Pain relief", "Risks"]


@pytest.mark.parametrize("path", [OVERVIEW, BENEFITS, RECOVERY])
def test_nothing_is_said_three_times_on_a_page(client, path):
    article = client.get(path).content.decode().split("<article")[1].split("</article>")[0]
    words = re.sub(r"</?(?:dfn|em|a)\b[^>]*>", "", article.replace("\n", " "))
    said = [each for each in sentences(re.sub(r"<[^>]+>", "\n", words)) if each.endswith(".")]

    assert {each for each in said if said.count(each) > 2} == set()
    assert len(said) > 5


def test_no_number_is_claimed(client):
    """The facts hold no figure but those of steps and of the address; a rate or a duration would be invented."""
    for path in (OVERVIEW, BENEFITS, RECOVERY):
        article = client.get(path).content.decode().split("<article")[1].split("</article>")[0]
        text = re.sub(r"<[^>]+>", " ", article.split('<p class="reviewed">')[0])
        assert not re.search(r"\d|percent|%", text), path
