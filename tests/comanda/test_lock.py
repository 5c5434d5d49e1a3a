"""What is installed: named by its hash in one lock for both environments, and listed for who asks what is inside."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from comanda.bootstrap import write_boms
from comanda.project import ROOT


# case 129
def test_whatever_is_installed_is_named_by_its_hash() -> None:
    packages = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    others = [each for each in packages if each["name"] != "comanda"]
    files = [file for each in others for file in (*each.get("wheels", ()), *filter(None, [each.get("sdist")]))]

    print(f"{len(others)} packages, {len(files)} files, each with its SHA-256")
    assert {tuple(each["source"].items()) for each in others} == {(("registry", "https://pypi.org/simple"),)}
    assert all(each.get("wheels") or each.get("sdist") for each in others)
    assert [file["url"] for file in files if not re.fullmatch("sha256:[0-9a-f]{64}", file["hash"])] == []


# case 129
def test_what_each_environment_is_made_of_is_listed_without_our_tools(tmp_path: Path) -> None:
    write_boms(tmp_path)

    names = {}
    for name in ("app", "rasa"):
        bom = json.loads((tmp_path / f"sbom-{name}.cdx.json").read_text(encoding="utf-8"))
        assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.5")
        assert all(part["purl"].endswith(f"@{part['version']}") for part in bom["components"])
        assert all(link["hashes"] for part in bom["components"] for link in part["externalReferences"])
        names[name] = {part["name"] for part in bom["components"]}
    print(", ".join(f"{name}: {len(parts)} packages" for name, parts in names.items()))
    assert {"fastapi", "sqlalchemy", "stripe"} <= names["app"]
    assert {"rasa", "tensorflow-cpu"} <= names["rasa"]
    assert names["app"].isdisjoint({"rasa", "pytest", "bandit"})
    assert names["rasa"].isdisjoint({"fastapi", "pytest"})
