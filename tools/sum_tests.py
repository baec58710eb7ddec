"""Add up pytest's reports in a folder: python tools/sum_tests.py FOLDER prints "N passed, N failed, N skipped"."""

import sys
from pathlib import Path
from xml.etree import ElementTree


def main(folder):
    total = failed = skipped = 0
    for report in Path(folder).glob("*.xml"):
        for suite in ElementTree.parse(report).iter("testsuite"):  # noqa: S314 (our own pytest wrote it)
            total += int(suite.get("tests"))
            failed += int(suite.get("failures")) + int(suite.get("errors"))
            skipped += int(suite.get("skipped"))
    print(f"{total - failed - skipped} passed, {failed} failed, {skipped} skipped")


if __name__ == "__main__":
    main(sys.argv[1])
