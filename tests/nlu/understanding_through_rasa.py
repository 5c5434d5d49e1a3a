"""Run in Rasa's environment: what a Rasa agent and `nlu.understanding` make of the messages on stdin, side by side."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent

from nlu.understanding import Understanding


def _by_rasa(parsed: dict[str, Any]) -> dict[str, Any]:
    found = [[entity["entity"], entity["value"], entity["start"], entity["end"]] for entity in parsed["entities"]]
    return {
        "language": parsed["language"]["name"],
        "intent": parsed["intent"]["name"],
        "confidence": round(parsed["intent"]["confidence"], 3),
        "entities": found,
    }


async def main(model: Path) -> None:
    """Print a JSON list of [by Rasa, by us] pairs."""
    texts = json.load(sys.stdin)
    agent = Agent.load(str(model))
    by_rasa = [_by_rasa(await agent.parse_message(text)) for text in texts]
    by_us = [
        {
            "language": reading.language,
            "intent": reading.intent,
            "confidence": round(reading.confidence, 3),
            "entities": [[entity.entity, entity.value, entity.start, entity.end] for entity in reading.entities],
        }
        for reading in Understanding.load(model).read(texts)
    ]
    print(json.dumps(list(zip(by_rasa, by_us, strict=True))))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
