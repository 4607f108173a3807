"""JSON Schema and OpenAI tool definitions of the functions."""

from vehicle_apis.catalogue import Catalogue
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param, TextParam, TimeParam
from vehicle_apis.spec import ApiSpec


def param_schema(param: Param) -> dict[str, object]:
    schema: dict[str, object]
    match param:
        case EnumParam():
            schema = {"type": "string", "enum": list(param.values)}
        case IntegerParam() | NumberParam():
            schema = {"type": param.kind, "minimum": param.min, "maximum": param.max}
            if param.unit:
                schema["description"] = f"in {param.unit}"
        case TextParam():
            schema = {"type": "string"}
            if param.digits:
                schema["pattern"] = "^[0-9]+$"
        case TimeParam():
            pattern = "([01][0-9]|2[0-3]):[0-5][0-9]"
            words = f"|{param.default}" if param.default is not None else ""
            schema = {"type": "string", "pattern": f"^({pattern}{words})$"}
    if param.note:
        schema["description"] = param.note
    if param.default is not None:
        schema["default"] = param.default
    return schema


def parameters_schema(spec: ApiSpec) -> dict[str, object]:
    """JSON Schema of a function's arguments object."""
    return {
        "type": "object",
        "properties": {p.name: param_schema(p) for p in spec.params},
        "required": list(spec.required),
        "additionalProperties": False,
    }


def openai_tool(spec: ApiSpec) -> dict[str, object]:
    """One entry of the ``tools`` list of an OpenAI style chat request."""
    return {
        "type": "function",
        "function": {"name": spec.name, "description": spec.doc, "parameters": parameters_schema(spec)},
    }


def openai_tools(catalogue: Catalogue) -> list[dict[str, object]]:
    return [openai_tool(spec) for spec in catalogue]
