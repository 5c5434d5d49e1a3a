"""Speech to text: a port for who wants it, and the one adapter that most services and local servers speak."""

from __future__ import annotations

from typing import Protocol

import httpx

from kernel.config import Settings
from kernel.errors import Unavailable

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
# The service goes by the name's ending. What it is called when none of these fits: both channels record that.
_BEGINS = ((b"OggS", "ogg"), (b"ID3", "mp3"), (b"\xff\xfb", "mp3"), (b"RIFF", "wav"), (b"#!AMR", "amr"))
_OTHERWISE = "ogg"


class Speech(Protocol):
    async def words(self, sound: bytes, language: str) -> str:
        """What is said in a recording, empty if nothing; `language` is the one to expect. Raises: Unavailable."""
        ...


class TranscriptionService:
    """Source: OpenAI's API reference, "Create transcription"; whisper.cpp, vLLM and others answer the same call."""

    def __init__(self, url: str, key: str, model: str) -> None:
        self._url, self._key, self._model = url.rstrip("/"), key, model

    async def words(self, sound: bytes, language: str) -> str:
        heads = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        form = {"model": self._model, "language": language, "response_format": "json"}
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT, headers=heads) as client:
                answer = await client.post(
                    f"{self._url}/audio/transcriptions", data=form, files={"file": (f"voice.{_ending(sound)}", sound)}
                )
            answer.raise_for_status()
            said = answer.json()["text"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise Unavailable(type(error).__name__) from error
        return said.strip() if isinstance(said, str) else ""


def open_speech(settings: Settings) -> Speech | None:
    """None for a shop that has configured none: voice notes are answered with "write it to me, please"."""
    if not settings.speech_url:
        return None
    return TranscriptionService(settings.speech_url, settings.speech_key.get_secret_value(), settings.speech_model)


def _ending(sound: bytes) -> str:
    if sound[4:8] == b"ftyp":
        return "m4a"
    return next((ending for begin, ending in _BEGINS if sound.startswith(begin)), _OTHERWISE)
