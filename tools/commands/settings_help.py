"""Help text of a service that takes its settings from the environment."""

from pydantic_settings import BaseSettings


def settings_help(settings: type[BaseSettings]) -> str:
    """A paragraph for click: each variable with its default and meaning."""
    prefix = settings.model_config.get("env_prefix", "")
    lines = ["\b", "Settings, from the environment:"]
    for name, field in settings.model_fields.items():
        default = "" if field.is_required() else f" [{_plain(field.get_default(call_default_factory=True))}]"
        description = f"  {field.description}" if field.description else ""
        lines.append(f"  {prefix}{name.upper()}{default}{description}")
    return "\n".join(lines)


def _plain(value: object) -> str:
    return "" if value is None else str(value)
