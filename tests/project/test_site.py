"""The documentation site: its code runs, its reference is whole, and it builds without a warning."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import matplotlib.pyplot as plt
import pytest

import cogrnn_lab as cl

# The examples as they stand take minutes; here they run small, in these words and no others.
SMALLER = {
    "index": {"n_sessions=200, n_trials=200": "n_sessions=6, n_trials=12", "=400": "=2", "=1500": "=3"},
    "from_disentangled_rnns": {
        "n_sessions=400, n_trials=200": "n_sessions=6, n_trials=12",
        "n_latents=5": "n_latents=3",
        "=500": "=2",
        "=3000": "=3",
    },
    "from_psychrnn": {
        "PerceptualDiscrimination()": "PerceptualDiscrimination(dt=50.0)",
        " 50, dt": " 5, dt",
        "Phase(800)": "Phase(2)",
        "batch(1, 128)": "batch(1, 8)",
    },
    "teachers": {"n_sessions=100, n_trials=200": "n_sessions=2, n_trials=5"},
}
# Not run here: parts of tests/own_additions.py, the twin of the lab (tests/lab), and what costs minutes.
NOT_RUN = re.compile(r"--8<--|cl\.register_|cl\.Lab\(|# cost: minutes|cl\.Study\(|dask")


@pytest.fixture(scope="module")
def site(repository: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("site_pages", repository / "docs" / "site_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def examples(text: str) -> list[str]:
    """Blocks of Python of a page, also those within tabs."""
    found = re.findall(r"^( *)```python\n(.*?)^\1```", text, flags=re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", code, flags=re.MULTILINE) for indent, code in found]


PAGES = sorted(path.stem for path in (Path(__file__).parents[2] / "docs").glob("*.md"))


@pytest.mark.parametrize("name", PAGES)
def test_the_code_of_a_page_runs(name, repository, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict = {}  # each goes on where the one before stopped
    text = (repository / "docs" / f"{name}.md").read_text(encoding="utf-8")
    smaller = SMALLER.get(name, {})
    for large in smaller:
        assert text.count(large) == 1, f"{large} is not on the page any more"
    for example in examples(text):
        if not NOT_RUN.search(example):
            for large, small in smaller.items():
                example = example.replace(large, small)
            exec(compile(example, f"{name}.md", "exec"), names)
    plt.close("all")


def test_the_page_on_own_parts_shows_every_one_that_is_tested(repository):
    page = (repository / "docs" / "extending.md").read_text(encoding="utf-8")
    source = (repository / "tests" / "own_additions.py").read_text(encoding="utf-8")
    shown = re.findall(r'^--8<-- "tests/own_additions\.py:(\w+)"$', page, re.MULTILINE)
    assert shown
    assert sorted(shown) == sorted(re.findall(r"\[start:(\w+)\]", source))


def test_the_reference_has_every_public_name_once(site):
    pages = site.reference()
    listed = [line[4:] for text in pages.values() for line in text.splitlines() if line.startswith("::: ")]
    assert len(set(listed)) == len(listed)
    for room in site.ROOMS:
        module = getattr(cl, room)
        for name in module.__all__:
            path = f"cogrnn_lab.{room}.{name}"
            assert any(one == path or one.startswith(f"{path}.") for one in listed), path
    assert set(site.ROOMS) == {*cl._ROOMS, "plots", "reports", "lab"}


def test_every_notebook_has_a_page_and_links_lead_to_it(site, repository):
    assert {path.name for path in site.notebooks()} == {p.name for p in repository.glob("notebooks/*.ipynb")}
    page = type("Page", (), {"file": type("File", (), {"src_uri": "notebooks/lab.ipynb"})})
    html = '<a href="train_a_gru.ipynb">a</a> <a href="https://x.org/a.ipynb">b</a>'
    assert site.on_page_content(html, page) == (
        '<a href="../train_a_gru/">a</a> <a href="https://x.org/a.ipynb">b</a>'
    )


def test_names_of_both_reference_packages_lead_to_names_that_are_here(repository):
    for page in ("from_disentangled_rnns", "from_psychrnn"):
        text = (repository / "docs" / f"{page}.md").read_text(encoding="utf-8")
        rows = [line.split("|")[1:4] for line in text.splitlines() if line.startswith("| `")]
        assert len(rows) > 20
        for name in re.findall(r"`(?:cl\.)([A-Za-z_.]+)", " ".join(row[1] for row in rows)):
            thing = cl
            for part in name.rstrip(".").split("."):
                thing = getattr(thing, part)


# What their users import or pass, of their whole public surface; each has a row that says what it is here.
NAMES = {
    "from_disentangled_rnns": """
        DatasetRNNCategorical WithActionMasks x_names batch_mode get_all split_dataset
        subset_dataset dataset_list_to_multisubject datasets_are_compatible add_subj_id
        create_dataset run_experiment SessData plot_2ab_sessdata AgentQ AgentLeakyActorCritic
        AgentNetwork EnvironmentBanditsDrift EnvironmentPayoutMatrix p_instructed
        get_rat_bandit_datasets generate_clicktrains drift_diffusion_model DisRnnConfig
        HkDisentangledRNN max_latent_value information_bottleneck reparameterize_sigma ResMLP
        MultisubjectDisRnn HkNeuroDisentangledRNN DeepRNN noiseless_mode latent_penalty
        penalty_scale compute_penalty mse penalized_hybrid avg_nll_and_log_mse likelihood_and_sse
        train_network opt_state max_grad_norm get_optimizer_with_frozen_params report_progress_by
        wandb_step_offset do_plot NpJnpJsonEncoder eval_network step_network return_states
        get_initial_state get_apply eval_feedforward_network get_new_params normalized_likelihood
        get_auxiliary_metrics get_total_sigma log_bottlenecks compute_update_rules
        compute_choice_rule observation_types axis_lim subj_ind plot_combined sort_latents
        plot_bottlenecks plot_update_rules plot_choice_rule plot_neural_activity_rules
        plot_bottleneck_graph graphs_isomorphic disrnns_isomorphic isomorphic_to_qlearning
        cluster_graphs
    """,
    "from_psychrnn": """
        Basic BasicScan LSTM load_weights_path get_weights dale_ratio Dale_rec input_connectivity
        rec_connectivity output_connectivity autapses rec_noise transfer_function dt tau N_rec
        W_in_train fixed_weights init_state GaussianSpectralRadius AlphaIdentity WeightInitializer
        L1_in L2_firing_rate custom_regularization loss_function mean_squared_error
        binary_cross_entropy optimizer clip_grads training_iters learning_rate loss_epoch verbosity
        performance_measure performance_cutoff Curriculum accuracies metric_epoch output_file
        train_curric PerceptualDiscrimination MatchToCategory DelayedDiscrimination onset_time
        trial_function batch_generator get_trial_batch get_task_params accuracy_function
        BasicSimulator LSTMSimulator t_connectivity save training_weights_path
        save_training_weights_epoch build destruct
    """,
}


@pytest.mark.parametrize("page", NAMES)
def test_every_name_of_the_reference_packages_has_a_row(page, repository):
    text = (repository / "docs" / f"{page}.md").read_text(encoding="utf-8")
    theirs = " ".join(line.split("|")[1] for line in text.splitlines() if line.startswith("| "))
    assert [name for name in NAMES[page].split() if not re.search(rf"\b{name}", theirs)] == []


def test_every_page_is_in_the_navigation(repository):
    """One that is not is a warning of `mkdocs build`, hence no site."""
    navigation = (repository / "mkdocs.yml").read_text(encoding="utf-8").split("\nnav:\n")[1]
    pages = {path.name for path in (repository / "docs").glob("*.md")}
    assert set(re.findall(r": (\w+\.md)$", navigation, re.MULTILINE)) - {"changelog.md"} == pages


@pytest.mark.slow
def test_the_site_builds_without_a_warning(repository, tmp_path):
    pytest.importorskip("mkdocs", reason='the site needs pip install "cogrnn-lab[docs]"')
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(build, cwd=repository, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for page in ("index", "faq/index", "reference/models/index", "notebooks/ten_lines/index"):
        assert (tmp_path / f"{page}.html").stat().st_size > 5_000
    reference = (tmp_path / "reference/training/index.html").read_text(encoding="utf-8")
    (heading,) = re.findall(r'<(\w+) id="cogrnn_lab.training.fit" class="doc doc-heading', reference)
    assert heading == "h2"  # what is described has its name above it
