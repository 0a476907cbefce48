"""Runs every command on every model, and prints the table, red cells first.

    main.py [--quick] [--binary FILE] [--only MODEL] [--command CMD] [--shard i/n] [--budget SECONDS] [--jobs N]
            [--fresh] [--record FILE.md] [--list] [--self-test]

Each cell's outcome is a file in ~/.cache/bantam/gauntlet, in a folder for the binary's bytes and the gauntlet's own: a
second run does the rest. Ends with 1 when a cell is red, or when some were left for want of time.
"""

import argparse
import sys
from pathlib import Path

import cells
import report
import self_test
from places import CACHE, HERE, REPOSITORY, digest, key


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=REPOSITORY / ".build/release/bantam")
    parser.add_argument("--quick", action="store_true", help="the cases and three tiny networks, as `make test` has it")
    parser.add_argument("--only", action="append", default=[], metavar="MODEL", help="a model's name, with * and ?")
    parser.add_argument("--command", action="append", default=[], metavar="CMD", help="a form or a trial, with * and ?")
    parser.add_argument("--shard", default="1/1", metavar="i/n", help="of n parts the i-th, counted from 1")
    parser.add_argument("--budget", type=float, metavar="SECONDS", help="no cell is begun after so long")
    parser.add_argument("--jobs", type=int, default=1, help="models at work side by side; times are only taken with 1")
    parser.add_argument("--fresh", action="store_true", help="cells that have an outcome, too")
    parser.add_argument("--record", type=Path, metavar="FILE.md", help="writes the table, as for docs/results")
    parser.add_argument("--outcomes", type=Path, metavar="FOLDER", help="keeps outcomes there, whatever changes")
    parser.add_argument("--list", action="store_true", help="names the cells instead of running them")
    parser.add_argument("--self-test", action="store_true", help="damaged files must come out red")
    options = parser.parse_args()
    options.binary = options.binary.absolute()
    if not options.binary.exists():
        sys.exit(f"gauntlet: {options.binary} is not there; make build writes it, or name another with --binary.")
    return options


def main():
    options = arguments()
    folder = options.outcomes or CACHE / "outcomes" / (key(options.binary) + ("-quick" if options.quick else ""))
    if options.self_test:
        sys.exit(self_test.run(options.binary, folder))
    wanted = cells.wanted(options, folder)
    if options.list:
        print("\n".join(f"{model}\t{command}" for model, command in wanted))
        return
    cells.run(options, folder, wanted)
    outcomes, missing = cells.outcomes(folder, wanted)
    command = "Gauntlet/run " + " ".join(Path(part).name if "/" in part and Path(part).exists() else part
                                         for part in sys.argv[1:])
    text, red = report.text(outcomes, missing, command.strip(), digest([options.binary]))
    print(text)
    if options.record:
        options.record.write_text(text)
    print(f"\n{len(outcomes)} cells, {red} red, {missing} not run. Floors: {HERE / 'floors.json'}", file=sys.stderr)
    sys.exit(1 if red or missing else 0)


if __name__ == "__main__":
    main()
