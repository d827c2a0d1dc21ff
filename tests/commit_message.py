"""What a commit message must have: a subject of at most 72 characters, an empty line, and the reason in a body."""

import sys
from pathlib import Path

LONGEST_SUBJECT = 72


def problems(message: str) -> list[str]:
    """Sentences about what is wrong with the message; lines that begin with # are git's own."""
    lines = [line for line in message.splitlines() if not line.startswith("#")]
    subject, rest = (lines[0] if lines else "").strip(), lines[1:]
    found = []
    if not subject:
        return ["The message is empty."]
    if len(subject) > LONGEST_SUBJECT:
        found.append(f"The subject has {len(subject)} characters, {LONGEST_SUBJECT} at most.")
    if subject.endswith("."):
        found.append("The subject ends with a full stop.")
    if rest and rest[0].strip():
        found.append("The second line is not empty.")
    if not any(line.strip() for line in rest):
        found.append("There is no body: say why.")
    return found


def main() -> None:
    found = problems(Path(sys.argv[1]).read_text())
    print("\n".join(found))
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
