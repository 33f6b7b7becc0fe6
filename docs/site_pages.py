"""Pages of the documentation site that are made of what there is: notebooks, reference, changelog."""

import re
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# In the order in which they are best read; others follow.
FIRST = ("ten_lines", "train_a_gru", "train_a_disrnn", "fit_your_own_csv", "from_choices_to_equations")
ROOMS = {
    "data": "Data",
    "tasks": "Agents, environments, tasks",
    "models": "Networks",
    "training": "Training",
    "fitting": "Fitting agents",
    "analysis": "Reading and comparing",
    "discovery": "Discovering",
    "studies": "Many fits",
    "plots": "Figures",
    "reports": "Reports",
    "lab": "The lab",
}


def notebooks() -> list[Path]:
    """The notebooks in the order in which the site has them."""
    found = {path.stem: path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
    return [found[name] for name in [*FIRST, *(name for name in found if name not in FIRST)]]


def reference() -> dict[str, str]:
    """The pages of the reference, by their path: every public name of every room."""
    pages = {}
    index = ["# Reference", "", "Everything is reached as `cl.name` after `import cogrnn_lab as cl`.", ""]
    for room, title in ROOMS.items():
        module = import_module(f"cogrnn_lab.{room}")
        prefix = f"cl.{room}." if room in ("plots", "reports", "lab") else "cl."
        paths = [path for name in sorted(module.__all__, key=str.lower) for path in _paths(module, name)]
        pages[f"reference/{room}.md"] = "\n".join(
            [f"# {title}", "", f"Reached as `{prefix}name`.", "", *(f"::: {path}" for path in paths), ""]
        )
        names = ", ".join(f"[`{path.split('.', 2)[2]}`][{path}]" for path in paths)
        index += [f"**[{title}]({room}.md)**: {names}", ""]
    pages["reference/training.md"] += "::: cogrnn_lab.cpu_devices.use_cpu_devices\n"
    pages["reference/index.md"] = "\n".join(index)
    return pages


def _paths(room: ModuleType, name: str) -> list[str]:
    """Where a name is documented; of a public module, each of its own public names."""
    thing = getattr(room, name)
    here = f"{room.__name__}.{name}"
    return [f"{here}.{one}" for one in thing.__all__] if isinstance(thing, ModuleType) else [here]


def on_config(config: Any) -> Any:
    """Put the notebooks and the reference into the navigation."""
    pages = {
        "notebooks/": [f"notebooks/{path.name}" for path in notebooks()],
        "reference/": ["reference/index.md", *(f"reference/{room}.md" for room in ROOMS)],
    }
    for entry in config.nav:
        for title, target in entry.items():
            entry[title] = pages.get(target, target) if isinstance(target, str) else target
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the files that do not lie in `docs/`."""
    from mkdocs.structure.files import File

    for path in notebooks():
        place = (f"notebooks/{path.name}", str(ROOT), config.site_dir, config.use_directory_urls)
        files.append(File(*place))
    for path, content in reference().items():
        files.append(File.generated(config, path, content=content))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    files.append(File.generated(config, "changelog.md", content=changelog))
    return files


on_files.mkdocs_priority = 100  # before mkdocs-jupyter, which looks for notebooks among the files


def on_page_content(html: str, page: Any, **_: Any) -> str:
    """Let links between notebooks lead to their pages."""
    if page.file.src_uri.startswith("notebooks/"):
        return re.sub(r'href="(\w+)\.ipynb(#[^"]*)?"', r'href="../\1/\2"', html)
    return html
