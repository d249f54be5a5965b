"""The JSON Schema of a flow file, for completion and first hints in an editor; the checker is the authority."""

import json
from typing import Any

from kiosk.flows.model import FlowModel


def json_schema() -> dict[str, Any]:
    """Draft 2020-12, with the names of the file's own keys."""
    schema = FlowModel.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Anjungan flow"
    return schema


def schema_text() -> str:
    """The schema as it is kept beside the flow files."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
