"""The words that people read are spelled as Americans spell them: on screens, in mails, in commands and documents."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("clinic", "procedures", "appointments")
PYTHON = [file for app in APPS for file in (ROOT / app).rglob("*.py") if "migrations" not in file.parts]
TEMPLATES = [file for ending in ("html", "txt") for file in (ROOT / "templates").rglob(f"*.{ending}")]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *(file for ending in ("md", "svg") for file in (ROOT / "docs").rglob(f"*.{ending}")),
    *(file for ending in ("md", "toml") for file in (ROOT / "procedures" / "content").rglob(f"*.{ending}")),
]

# "Whom" is no British word, but nobody says it.
NOT_AMERICAN = re.compile(
    r"\b("
    r"\w*(cancell(ed|ing)|travell(ed|er|ing)|labell(ed|ing)|dialled|modelled|signalled|totalled)"
    r"|\w*(colour|favour|behaviour|neighbour|honour|tumour|humour|labour)\w*"
    r"|(centre|metre|millimetre|centimetre|litre|fibre|theatre|cheque|programme|licence|defence)s?"
    r"|\w*(organ|recogn|apolog|real|minim|summar|emphas|special|final|normal|prior|hospital|immun)is(e|ed|es|ing|ation)"
    r"|(enquir|anaesth|paediatr|orthopaed|haem|oesoph)\w*"
    r"|analyse[ds]?|grey|fulfil|fulfils|practise[ds]?|practising|judgement|learnt|whilst|fortnight|whom"
    r")\b",
    re.IGNORECASE,
)


def not_american(words: str) -> set[str]:
    return {found.group().lower() for found in NOT_AMERICAN.finditer(words)}


def _read_in_python(source: str) -> Iterator[str]:
    """Strings that hold a sentence, or are marked for translation. Docstrings are for engineers, not for patients."""
    tree = ast.parse(source)
    marked, docstrings = set(), set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="_") | ast.Name(id="gettext") | ast.Name(id="gettext_lazy")):
                marked |= {id(argument) for argument in node.args}
            case ast.Expr(value=ast.Constant() as words):
                docstrings.add(id(words))
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(words)) if id(node) not in docstrings and (" " in words or id(node) in marked):
                yield words


def _read_in_template(source: str) -> Iterator[str]:
    """What stands between the tags, what they translate, and labels; no comments, conditions, classes or addresses."""
    source = re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", source, flags=re.DOTALL)
    yield from re.findall(r"{% translate (\"[^\"]*\"|'[^']*')", source)
    yield from re.findall(r"\b(?:alt|aria-label|content|placeholder|title)=\"([^\"]*)\"", source)
    yield re.sub(r"{[{%].*?[}%]}|<[^>]*>", " ", source)


def _read_in_document(source: str) -> Iterator[str]:
    """All but code and the addresses of links."""
    yield re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)|<style>.*?</style>", " ", source, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("files", "read"),
    [(PYTHON, _read_in_python), (TEMPLATES, _read_in_template), (DOCUMENTS, _read_in_document)],
    ids=["python", "templates", "documents"],
)
def test_words_that_people_read_are_american(files, read):
    found = {str(file.relative_to(ROOT)): set().union(*map(not_american, read(file.read_text()))) for file in files}

    assert {file: words for file, words in found.items() if words} == {}


@pytest.mark.parametrize(
    ("read", "source", "words"),
    [
        (_read_in_python, '_("Cancelled")\n"cancelled"\n{"cancelled": "It is cancelled."}', {"cancelled"}),
        (_read_in_python, '"""A colour, grey."""\ncancelled_late = "cancelled"  # favour', set()),
        (
            _read_in_template,
            '<p class="whom" title="A favour">{% if cancelled %}Grey{% endif %}</p>',
            {"favour", "grey"},
        ),
        (_read_in_template, '{# whom #}{% translate "To whom?" as cancelled %}', {"whom"}),
        (_read_in_document, "A neighbour `is_cancelled` [here](a/colour.md)", {"neighbour"}),
        (_read_in_document, "Canceled, color, organized, whoever, meters, centered, practice, licensed.", set()),
    ],
)
def test_names_in_code_may_be_british(read, source, words):
    assert set().union(*map(not_american, read(source))) == words
