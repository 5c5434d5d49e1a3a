"""The shapes of what staff do at the desk, over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.handoff import agents
from bot.handoff.models import Act, Agent, Canned, Note

WORDS_MOST = 4_000
Tag = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
CannedName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Transfer(Given):
    """To an agent or to a team; `version` is the conversation's, as one saw it."""

    version: int = Field(ge=1)
    agent_id: str | None = Field(default=None, max_length=36)
    team: str | None = Field(default=None, max_length=40)

    @model_validator(mode="after")
    def _is_to_one(self) -> Self:
        if (self.agent_id is None) == (self.team is None):
            raise ValueError("either an agent or a team")
        return self


class Snooze(Given):
    until: AwareDatetime | None


class NewNote(Given):
    text: str = Field(max_length=WORDS_MOST)


class Tags(Given):
    tags: list[Tag] = Field(max_length=20)


class DraftText(Given):
    """What an agent has begun to write, to the customer or as a note; empty for nothing."""

    text: str = Field(max_length=WORDS_MOST)
    is_note: bool = False


class Presence(Given):
    """`is_away` of null leaves it as it is."""

    is_away: bool | None = None


class Arrangement(Given):
    """Whose conversations an agent sees and takes (none named: all), and how many: null for what the shop says."""

    teams: list[str] = Field(max_length=40)
    capacity: int | None = Field(default=None, ge=1, le=500)


class NewCanned(Given):
    """`{{…}}` stands for what the console fills in: `{{order.number}}`, `{{customer.name}}`, `{{agent.name}}`."""

    es: str = Field(max_length=WORDS_MOST)
    en: str = Field(max_length=WORDS_MOST)


class CannedView(BaseModel):
    name: str
    es: str
    en: str

    @classmethod
    def of(cls, canned: Canned) -> Self:
        return cls(name=canned.name, es=canned.es, en=canned.en)


class NoteView(BaseModel):
    id: str
    agent_id: str
    agent_name: str
    text: str
    at: datetime

    @classmethod
    def of(cls, note: Note) -> Self:
        return cls(id=note.id, agent_id=note.staff_id, agent_name=note.staff_name, text=note.text, at=note.at)


class ActView(BaseModel):
    """What someone did to a conversation, with how it stood."""

    what: str
    agent_id: str
    agent_name: str
    before: dict[str, Any]
    after: dict[str, Any]
    at: datetime

    @classmethod
    def of(cls, act: Act) -> Self:
        return cls(
            what=act.what,
            agent_id=act.staff_id,
            agent_name=act.staff_name,
            before=act.before,
            after=act.after,
            at=act.at,
        )


class AgentView(BaseModel):
    """`has` is how many conversations they have, `capacity` how many they take. No `teams` means all."""

    id: str
    name: str
    is_present: bool
    is_away: bool
    teams: list[str]
    capacity: int
    has: int

    @classmethod
    def of(cls, agent: Agent, has: int, capacity: int) -> Self:
        return cls(
            id=agent.staff_id,
            name=agent.name,
            is_present=agents.is_present(agent),
            is_away=agent.is_away,
            teams=agent.teams,
            capacity=agent.capacity or capacity,
            has=has,
        )


class RatingView(BaseModel):
    """How customers found it: of an agent, or (null) of the assistant alone. `mean` is from 1 to 5."""

    agent_id: str | None
    agent_name: str | None
    asked: int
    rated: int
    mean: float | None


class TemplateView(BaseModel):
    """`text` has `{name}` for each of the variables."""

    name: str
    text: str
    variables: list[str]


class TeamView(BaseModel):
    code: str
    title: dict[str, str]
    reasons: list[str]
