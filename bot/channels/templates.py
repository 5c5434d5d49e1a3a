"""The registry of templates: what the shop had approved by the provider, as data.

notices:                      # outside the window; `any` is for notices that are not named
  any:
    es: {sid: HX…, variables: [text]}
    en: {sid: HX…, variables: [text]}
  shipment.shipped:
    es: {sid: HX…, variables: [number, tracking_url]}
  several:                    # news that waits for one person at one moment, in one template
    es: {sid: HX…, variables: [text]}
  identity.code_asked:        # an authentication template
    es: {sid: HX…, variables: [code]}
agents:                       # what agents may send at any time; `text` is what the provider approved
  we_are_back:
    es: {sid: HX…, variables: [name], text: "Hola {name}, ya tenemos tu respuesta. ¿Seguimos?"}
    en: {sid: HX…, variables: [name], text: "Hello {name}, we have your answer. Shall we go on?"}
buttons: {1: HX…, 2: HX…, 3: HX…}       # by how many
lists: {4: HX…, 5: HX…}
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.channels.base import SEVERAL, News
from bot.notices.plan import CODE
from kernel.yaml_files import read_yaml

ANY = "any"
# The words of the notice itself; every other variable is one of its facts.
TEXT = "text"
# Source: Twilio, "Using variables with the Content API" (no line breaks in a variable); Meta's limit for a body.
VARIABLE_MOST = 900
Sid = Annotated[str, StringConstraints(pattern=r"^HX[0-9a-fA-F]{32}$")]


class Template(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sid: Sid
    variables: tuple[str, ...] = ()


class AgentTemplate(Template):
    """`text` is what the provider approved, with `{name}` for each of the variables."""

    text: str

    def words(self, values: Mapping[str, str]) -> str:
        said = self.text
        for name in self.variables:
            said = said.replace(f"{{{name}}}", values[name])
        return said


class Templates(BaseModel):
    """Empty is fine: then choices are numbered lines, and nothing is said outside the window."""

    model_config = ConfigDict(extra="forbid")

    notices: dict[str, dict[str, Template]] = Field(default_factory=dict)
    agents: dict[str, dict[str, AgentTemplate]] = Field(default_factory=dict)
    buttons: dict[int, Sid] = Field(default_factory=dict)
    lists: dict[int, Sid] = Field(default_factory=dict)

    @classmethod
    def read(cls, path: Path | None) -> Templates:
        """Raises: ValueError (with the place) for a file that cannot be read."""
        if path is None:
            return cls()
        try:
            return cls.model_validate(read_yaml(path) or {})
        except (OSError, yaml.YAMLError) as error:
            raise ValueError(f"{path} cannot be read: {type(error).__name__}") from error

    def of(self, news: News) -> tuple[str, dict[str, str]] | None:
        """The template for a notice in the customer's language, with its variables by number; None if there is none.

        The notice's own, or that for any where it has none, or lacks what its own says.
        """
        # A code is said by a template that was approved for codes, several notices by one that was for several.
        others = {} if news.what in (CODE, SEVERAL) else self.notices.get(ANY, {})
        # Not every fact is a word: of a parcel without a number there is no link, and an amount is two facts.
        known = {name: str(value) for name, value in news.facts.items() if isinstance(value, str | int)}
        known[TEXT] = news.text
        for template in (self.notices.get(news.what, {}).get(news.language), others.get(news.language)):
            if template is None:
                continue
            values = [known.get(name, "") for name in template.variables]
            if all(values):
                return template.sid, {str(at): one_line(value) for at, value in enumerate(values, 1)}
        return None

    def for_agents(self, language: str) -> dict[str, AgentTemplate]:
        """By name, in a customer's language."""
        return {name: each[language] for name, each in self.agents.items() if language in each}


def one_line(text: str) -> str:
    return " ".join(text.split())[:VARIABLE_MOST]
