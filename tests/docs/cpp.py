"""As much C++ as it takes to find what a call is given."""

from __future__ import annotations

import re

_STRING = r'"(?:\\.|[^"\\\n])*"'
_COMMENT = r"//[^\n]*|/\*.*?\*/"
_PAIRS = {")": "(", "]": "[", "}": "{"}


def without_comments(text: str) -> str:
    return re.sub(f"({_STRING})|{_COMMENT}", lambda match: match.group(1) or " ", text, flags=re.DOTALL)


def arguments(text: str, begin: int) -> list[str]:
    """What stands between the commas after the bracket that was opened right before `begin`."""
    found = [""]
    open_: list[str] = []
    at = begin
    while at < len(text):
        string = re.compile(_STRING).match(text, at)
        piece = string.group() if string else text[at]
        at += len(piece)
        if piece in "([{":
            open_.append(piece)
        elif piece in _PAIRS:
            if not open_:
                return [argument.strip() for argument in found]
            assert open_.pop() == _PAIRS[piece], f"brackets that do not match: {text[begin:at]}"
        elif piece == "," and not open_:
            found.append("")
            continue
        found[-1] += piece
    raise AssertionError(f"a bracket is never closed: {text[begin : begin + 80]}")


def literals(text: str) -> list[str]:
    return [match.group()[1:-1] for match in re.finditer(_STRING, text)]
