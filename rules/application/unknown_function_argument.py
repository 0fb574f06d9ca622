from collections.abc import Iterator

from pgassay.model import Match, Schema, Usage, What
from pgassay.model.schema import Function, nearest


def check(usage: Usage, schema: Schema) -> Iterator[Match]:
    overloads = schema.overloads(usage.schema, usage.name) if usage.what is What.CALL else []
    if not overloads or any(each.accepts(usage.names, complete=usage.complete) for each in overloads):
        return
    best = max(overloads, key=lambda each: len(set(usage.names) & set(each.arguments)))
    unknown = [name for name in usage.names if name not in best.arguments]
    missing = tuple(name for name in best.required if name not in usage.names) if usage.complete else ()
    where = usage.places[usage.names.index(unknown[0])] if unknown else usage.location
    yield Match(
        where,
        subject=usage.name,
        function=usage.name,
        unknown=tuple(unknown),
        missing=missing,
        nearest=nearest(unknown[0], best.arguments) if unknown else None,
        signature=signature(best),
    )


def signature(function: Function) -> str:
    first_default = len(function.arguments) - function.defaults
    arguments = (
        f"{name} {type_}{' default ...' if n >= first_default else ''}"
        for n, (name, type_) in enumerate(zip(function.arguments, function.types, strict=False))
    )
    return f"{function.name}({', '.join(arguments)})"
