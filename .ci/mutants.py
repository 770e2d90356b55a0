"""Print what became of the mutants of each file, after `mutmut run`; with --survivors their lines, too."""

import json
import subprocess
import sys
from pathlib import Path

MUTANTS = Path("mutants")
NOT_CHECKED, SURVIVED, NO_TEST = None, 0, 33

rows, survivors = [], []
for meta in sorted(MUTANTS.rglob("*.py.meta")):
    codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    checked = {name: code for name, code in codes.items() if code is not NOT_CHECKED}
    left = [name for name, code in checked.items() if code in (SURVIVED, NO_TEST)]
    survivors += left
    if checked:
        path = meta.relative_to(MUTANTS).with_suffix("")
        rows.append((str(path), len(checked), len(checked) - len(left)))
total = tuple(sum(row[column] for row in rows) for column in (1, 2))
print("| file | mutants | killed | share |", "|---|---|---|---|", sep="\n")
for path, n_checked, n_killed in [*rows, ("all", *total)]:
    print(f"| {path} | {n_checked} | {n_killed} | {n_killed / max(n_checked, 1):.1%} |")
if "--survivors" in sys.argv:
    for name in survivors:
        shown = subprocess.run([sys.executable, "-m", "mutmut", "show", name], capture_output=True, text=True)
        lines = [
            line for line in shown.stdout.splitlines() if line[:1] in "+-" and line[:3] not in ("---", "+++")
        ]
        print(f"\n{name}", *lines, sep="\n")
