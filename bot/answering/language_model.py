"""A language model behind an endpoint that answers as OpenAI's chat completions do: one question, one short answer.

Source: OpenAI's API reference, "Create chat completion"; Ollama, vLLM, llama.cpp and others answer the same call.
"""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import httpx

from kernel import tls
from kernel.config import Settings
from kernel.errors import Unavailable

DEADLINE_S = 3.0
CONNECT_S = 1.0
LARGEST_ANSWER = 64 * 1024
MAX_TOKENS = 120
# After so many failures in a row nobody is made to wait for it any more, for so long.
FAILURES_MAX, REST_S = 3, 60.0


class ModelUnavailable(Unavailable):
    """The model did not answer in time, or not as it should; or it is left alone for a while."""

    code = "language_model_unavailable"


class LanguageModel:
    """Safe to use from several threads. `deadline_s` bounds a whole call, however slowly its answer drips."""

    def __init__(
        self, url: str, key: str, model: str, *, deadline_s: float = DEADLINE_S, rest_s: float = REST_S
    ) -> None:
        self._url, self._model, self._deadline_s, self._rest_s = url.rstrip("/"), model, deadline_s, rest_s
        heads = {"Authorization": f"Bearer {key}"} if key else {}
        timeout = httpx.Timeout(deadline_s, connect=min(CONNECT_S, deadline_s))
        # Redirects are not followed: the key and the message go where the shop said, and nowhere else.
        self._http = httpx.Client(timeout=timeout, headers=heads, follow_redirects=False, verify=tls.context())
        self._lock = threading.Lock()
        self._failures, self._rests_until = 0, 0.0

    def answer(self, task: str, message: str) -> str:
        """What the model says to a message, given its task. Raises: ModelUnavailable."""
        with self._lock:
            if time.monotonic() < self._rests_until:
                raise ModelUnavailable("resting")
        try:
            said = _content(self._call(task, message))
        except (httpx.HTTPError, ValueError, KeyError, IndexError, TypeError, _TooLong) as error:
            self._note(failed=True)
            raise ModelUnavailable(type(error).__name__) from error
        self._note(failed=False)
        return said

    def _call(self, task: str, message: str) -> Any:
        body = {
            "model": self._model,
            "messages": [{"role": "system", "content": task}, {"role": "user", "content": message}],
            "temperature": 0,
            "max_tokens": MAX_TOKENS,
        }
        ends_at = time.monotonic() + self._deadline_s
        with self._http.stream("POST", f"{self._url}/chat/completions", json=body) as response:
            if response.status_code != httpx.codes.OK:
                raise ValueError(f"HTTP {response.status_code}")
            content = b""
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > LARGEST_ANSWER or time.monotonic() > ends_at:
                    raise _TooLong
        return json.loads(content)

    def _note(self, *, failed: bool) -> None:
        with self._lock:
            self._failures = self._failures + 1 if failed else 0
            if self._failures >= FAILURES_MAX:
                self._failures, self._rests_until = 0, time.monotonic() + self._rest_s

    def close(self) -> None:
        self._http.close()


class _TooLong(Exception):
    """More than an answer has, or later than anybody waits."""


def _content(answer: Any) -> str:
    content = answer["choices"][0]["message"]["content"]
    if not isinstance(content, str):
        raise TypeError("no words")
    return content


def open_language_model(settings: Settings) -> LanguageModel | None:
    """None for a shop that has configured none: the assistant then says that it did not understand."""
    if not settings.rephrase_url:
        return None
    return LanguageModel(settings.rephrase_url, settings.rephrase_key.get_secret_value(), settings.rephrase_model)
