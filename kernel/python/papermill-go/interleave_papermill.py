"""Parameters of papermill as Go: `papermill in.ipynb out.ipynb -p n 9` gives the notebook a cell with `n := 9`.

A value has the type that Go gives its literal: 9 is an int, 9.0 a float64, "9" a string. Lists become slices and dicts maps;
those of one kind of value have its type, all others hold any. What Go cannot say is refused with a PapermillException.
"""
import math
import re

from papermill.engines import NBClientEngine
from papermill.exceptions import PapermillException
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

KEYWORDS = frozenset(
    "break case chan const continue default defer else fallthrough for func go goto if import interface map package range"
    " return select struct switch type var".split()
)
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
SCALARS = {bool: "bool", int: "int", float: "float64", str: "string"}


class GoEngine(NBClientEngine):
    """papermill's own engine, by the name "go"; the entry point wants one."""


class GoTranslator(Translator):
    """Python's values as Go's expressions."""

    # name := value // help, with var and a type where they are written out.
    DECLARATION = re.compile(
        r"^\s*(?:var\s+)?(?P<name>[^\W\d]\w*)\s*(?P<type>[\w\[\]*. ]*?)\s*:?=\s*"
        r"(?P<value>(?:\"(?:\\.|[^\"\\])*\"|`[^`]*`|'(?:\\.|[^'\\])*'|[^\"`'])*?)\s*(?://\s*(?P<help>.*))?$"
    )

    @classmethod
    def translate_none(cls, val):
        return "any(nil)"

    @classmethod
    def translate_int(cls, val):
        if -(2**63) <= val < 2**63:
            return str(val)
        if 0 <= val < 2**64:
            return f"uint64({val})"
        raise PapermillException(f"{val} fits none of Go's integer types: pass it as a string")

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "math.NaN()"
        if math.isinf(val):
            return f"math.Inf({'1' if val > 0 else '-1'})"
        if val == 0 and math.copysign(1, val) < 0:
            return "math.Copysign(0, -1)"  # -0.0 is a positive zero in Go
        return repr(val)

    @classmethod
    def translate_escaped_str(cls, str_val):
        return '"' + "".join(map(cls._escape, str(str_val))) + '"'

    @staticmethod
    def _escape(char):
        code = ord(char)
        if char in ESCAPES:
            return ESCAPES[char]
        if 0xD800 <= code < 0xE000:
            raise PapermillException(f"{char!r} is half of a character, which no text in Go can hold")
        if char.isprintable():
            return char
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

    @classmethod
    def translate_list(cls, val):
        kind, values = cls._uniform(val)
        return f"[]{kind}{{{', '.join(values)}}}"

    @classmethod
    def translate_dict(cls, val):
        if all(isinstance(k, str) for k in val):
            key, keys = "string", [cls.translate_str(k) for k in val]
        else:
            key, keys = cls._uniform(list(val))
        kind, values = cls._uniform(list(val.values()))
        return f"map[{key}]{kind}{{{', '.join(f'{k}: {v}' for k, v in zip(keys, values))}}}"

    @classmethod
    def _uniform(cls, values):
        """The type that all values have, "any" where they differ, and the values in Go."""
        kinds = {cls._type(v) for v in values}
        if kinds == {"int", "float64"}:
            kinds, values = {"float64"}, [cls._float(v) for v in values]
        return (kinds.pop() if len(kinds) == 1 else "any"), [cls.translate(v) for v in values]

    @staticmethod
    def _float(value):
        if isinstance(value, int) and int(float(value)) != value:
            raise PapermillException(f"{value} is no float64 exactly, as the list's other values are: pass it as a string")
        return float(value)

    @classmethod
    def _type(cls, value):
        if value is None:
            return "any"
        if isinstance(value, list):
            return "[]" + cls._uniform(value)[0]
        if isinstance(value, dict):
            return cls.translate_dict(value).partition("{")[0]
        if type(value) is int and value >= 2**63:
            return "uint64"
        return SCALARS.get(type(value), "string")

    @classmethod
    def comment(cls, cmt_str):
        return "\n".join(f"// {line}".rstrip() for line in str(cmt_str).splitlines() or [""])

    @classmethod
    def assign(cls, name, str_val):
        if not name.isidentifier() or not re.fullmatch(r"[^\W\d]\w*", name) or name in KEYWORDS or name == "_":
            raise PapermillException(f"parameter {name!r} is no name in Go: rename it")
        return f"{name} := {str_val}"

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        lines = [cls.comment(comment)]
        if any(map(cls._needs_math, parameters.values())):
            lines.append('import "math"\n')
        lines += [cls.assign(name, cls.translate(value)) for name, value in parameters.items()]
        return "\n".join(lines) + "\n"

    @classmethod
    def _needs_math(cls, value):
        if isinstance(value, dict):
            return any(map(cls._needs_math, [*value, *value.values()]))
        if isinstance(value, list):
            return any(map(cls._needs_math, value))
        return isinstance(value, float) and "math." in cls.translate_float(value)

    @classmethod
    def inspect(cls, parameters_cell):
        """The parameters that a cell of one declaration a line declares, for papermill --help-notebook."""
        found = []
        for line in parameters_cell["source"].splitlines():
            match = cls.DECLARATION.match(line)
            if match and match["name"] not in KEYWORDS and "==" not in line.partition(match["value"])[0]:
                found.append(Parameter(name=match["name"], inferred_type_name=match["type"] or cls._literal(match["value"]),
                                       default=match["value"], help=match["help"] or ""))
        return found

    @staticmethod
    def _literal(value):
        """The type of a literal; "None", which papermill shows as unknown, for what is none."""
        for pattern, name in ((r"-?\d+", "int"), (r"-?\d+\.\d*(e[-+]?\d+)?", "float64"), (r'".*"|`.*`', "string"),
                              (r"true|false", "bool"), (r"(\[\]|map\[)[^{]*(?=\{)", "")):
            match = re.match(rf"(?:{pattern})" + ("$" if name else ""), value)
            if match:
                return name or match[0]
        return "None"


papermill_translators.register("go", GoTranslator)
