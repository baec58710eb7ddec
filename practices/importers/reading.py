"""Reading a JSON file strictly: what Python's reader would let pass or mend in silence is refused."""

import json
from collections import Counter
from pathlib import Path

from practices.importers.checking import Fault, Refused

DEEPEST = 20  # levels of lists and objects; the portal's own files have six


def read_json(path):
    """The content of the JSON file at ``path``.

    Raises ``Refused`` for a file that is not there, cannot be read, is no JSON in UTF-8 or is nested too
    deeply, and for every key that an object has twice and every NaN or Infinity.
    """
    faults = []

    def fault(value, expected, field="(the file)"):
        faults.append(Fault(str(path), field, value, expected))

    def to_object(pairs):
        for key, count in Counter(key for key, _value in pairs).items():
            if count > 1:
                fault(dict(pairs), f"each key may stand once in an object; this one stands {count} times", key)
        return dict(pairs)

    def to_number(constant):
        fault(constant, "a number, or null, is needed; JSON knows no such number")

    try:
        text = Path(path).read_text(encoding="utf-8")
        content = json.loads(text, object_pairs_hook=to_object, parse_constant=to_number)
        if _is_deeper(content, DEEPEST):
            raise RecursionError
    except FileNotFoundError as error:
        fault(error.strerror, "this file is not there")
    except OSError as error:
        fault(error.strerror, "this file cannot be read")
    except RecursionError:
        # Faults found so far may hold what is too deep to be printed.
        faults.clear()
        fault("[[[…", f"lists and objects at most {DEEPEST} deep in each other are needed")
    except ValueError as error:
        fault(str(error), "a JSON file in UTF-8 is needed")
    if faults:
        raise Refused(faults)
    return content


def _is_deeper(content, levels):
    if not isinstance(content, (list, dict)):
        return False
    inner = content.values() if isinstance(content, dict) else content
    return levels == 0 or any(_is_deeper(value, levels - 1) for value in inner)
