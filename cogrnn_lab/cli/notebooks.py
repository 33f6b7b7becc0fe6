"""`cogrnn-lab notebooks DIR`: copy the notebooks that teach into a folder of the user's."""

import shutil
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
# The wheel has them within the package, a checkout beside it.
PLACES = (PACKAGE / "notebooks", PACKAGE.parent / "notebooks")


def copy_notebooks(folder: Path) -> int:
    """Copy every notebook that the folder does not have, and say which; exit code 2 where none were found."""
    source = next((place for place in PLACES if any(place.glob("*.ipynb"))), None)
    if source is None:
        print("cogrnn-lab: this installation has no notebooks; install it again", file=sys.stderr)
        return 2
    if folder.exists() and not folder.is_dir():
        print(f"cogrnn-lab: {folder} is a file; name a folder, new or not", file=sys.stderr)
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    for notebook in sorted(source.glob("*.ipynb")):
        target = folder / notebook.name
        if target.exists():
            print(f"kept as it is: {target}")
        else:
            shutil.copyfile(notebook, target)
            print(target)
    return 0
