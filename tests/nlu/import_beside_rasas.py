"""Run in Rasa's environment: what our importer and Rasa's own make of a project, as JSON."""

from __future__ import annotations

import json
import sys

from rasa.shared.importers.importer import TrainingDataImporter


def main(folder: str) -> None:
    """Print [ours, Rasa's], each {lines, kinds, fingerprints of the rules and of the domain}."""
    paths = (f"{folder}/config.yml", f"{folder}/domain.yml", [f"{folder}/data"])
    importers = [TrainingDataImporter.load_from_config(*paths), TrainingDataImporter.load_from_dict({}, *paths)]
    print(json.dumps([_imported(importer) for importer in importers]))


def _imported(importer: TrainingDataImporter) -> dict[str, object]:
    data = importer.get_nlu_data("es")
    return {
        "lines": [line.as_dict() for line in data.training_examples],
        "others": [data.entity_synonyms, data.regex_features, data.lookup_tables, data.responses],
        "kinds": sorted({type(line).__name__ for line in data.training_examples}),
        "rules": importer.get_stories().fingerprint(),
        "domain": importer.get_domain().fingerprint(),
    }


if __name__ == "__main__":
    main(sys.argv[1])
