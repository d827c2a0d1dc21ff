"""Where in a page's words a section goes that a clinician adds."""

import re

# Under which heading's block a section belongs, in small letters: risks stand together, in the card of the risks.
PLACES = {"other risks": "risks"}
_FENCE = re.compile(r"^\s*(:{3,}) *(\S*)")
_HEADING = re.compile(r"^#{2,3} +(.*?) *$")


def added(body: str, heading: str, said: str) -> str:
    """The body with a section that shows once it is signed: inside the block where it belongs, or else at the end."""
    lines = body.rstrip().split("\n")
    end = _end_of_block(lines, PLACES.get(heading.casefold()))
    if end is None:
        return "\n".join([*lines, "", "::: once-signed", "", f"## {heading}", "", said, "", ":::", ""])
    # A block inside another has fewer colons.
    wider = [re.sub(r"^(\s*):::", r"\1::::", line) for line in lines]
    section = ["::: once-signed", "", f"### {heading}", "", said, "", ":::", ""]
    return "\n".join([*wider[:end], *section, *wider[end:], ""])


def _end_of_block(lines: list[str], heading: str | None) -> int | None:
    """The line that closes the block which has this heading; None where the heading is missing, or in no block."""
    depth, inside = 0, False
    for number, line in enumerate(lines):
        if found := _HEADING.match(line):
            inside, depth = (True, 0) if found[1].casefold() == heading else (inside, depth)
        elif inside and (fence := _FENCE.match(line)):
            depth += 1 if fence[2] else -1
            if depth < 0:
                return number
    return None
