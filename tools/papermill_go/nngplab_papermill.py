"""Lets papermill set the parameters of Go notebooks:

    pip install papermill ./tools/papermill_go
    papermill in.ipynb out.ipynb -p n 7 -p name x

The parameters become a cell of declarations behind the cell with the tag
"parameters", or at the top of the notebook: n := 7. A number with a point or an
exponent becomes a float64, other numbers an int, a list a slice of one type, or
of any, a mapping a map[string]any.
"""

import json
import math
import re

from papermill.engines import NBClientEngine
from papermill.exceptions import PapermillException
from papermill.translators import Translator, papermill_translators

KEYWORDS = set(
    "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var".split()
)


class Engine(NBClientEngine):
    """papermill's own engine, under a name of its own."""


class GoTranslator(Translator):
    """Writes values as Go."""

    @classmethod
    def translate_escaped_str(cls, str_val):
        # A JSON string is a Go string but for surrogates, which JSON needs
        # beyond 0xffff when it is to be ASCII, and \/, which is not written.
        return json.dumps(str(str_val), ensure_ascii=False)

    @classmethod
    def translate_none(cls, val):
        raise PapermillException("a parameter without a value cannot be a Go variable: nil has no type")

    @classmethod
    def translate_int(cls, val):
        if not -(2**63) <= val < 2**63:
            raise PapermillException(f"the parameter {val} is out of the range of a Go int")
        return str(val)

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val) or math.isinf(val):
            raise PapermillException(f"the parameter {val} is no constant of Go")
        return repr(val) if re.search(r"[.e]", repr(val)) else repr(val) + ".0"

    @classmethod
    def translate_list(cls, val):
        return f"[]{element_type(val)}{{{', '.join(cls.translate(v) for v in val)}}}"

    @classmethod
    def translate_dict(cls, val):
        pairs = (f"{cls.translate_escaped_str(k)}: {cls.translate(v)}" for k, v in val.items())
        return f"map[string]any{{{', '.join(pairs)}}}"

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()

    @classmethod
    def assign(cls, name, str_val):
        if not name.isidentifier() or name in KEYWORDS or name == "_":
            raise PapermillException(f"{name!r} is no name of a Go variable")
        return f"{name} := {str_val}"


def element_type(values):
    """The Go type that all values of a list have."""
    kinds = {type(v) for v in values}
    if kinds == {bool}:
        return "bool"
    if kinds == {int}:
        return "int"
    if kinds and kinds <= {int, float}:
        return "float64"
    if kinds == {str}:
        return "string"
    return "any"


papermill_translators.register("go", GoTranslator)
