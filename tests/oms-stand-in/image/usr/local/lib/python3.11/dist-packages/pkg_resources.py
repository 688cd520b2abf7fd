"""Of pkg_resources what supervisor asks for. The whole takes longer to import than all else that
`supervisorctl status` does, and OMS is asked for that again and again."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True)
class EntryPoint:
    module: str
    attribute: str

    @classmethod
    def parse(cls, text: str) -> EntryPoint:
        module, _, attribute = text.partition("=")[2].strip().partition(":")
        return cls(module, attribute)

    def resolve(self) -> object:
        return getattr(import_module(self.module), self.attribute)
