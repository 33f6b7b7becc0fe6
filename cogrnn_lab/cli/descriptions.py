"""What the commands say of themselves under --help."""

FIT = """Fit a disentangled RNN to a table of choices and write what it found.

The table is a CSV file (also gzipped) or an Excel workbook with one row per trial, in order. The
network predicts each choice from the previous choices and rewards of the same session. It is first trained
without noise and penalties (warm-up), then with a penalty on every channel of information, so that only
those stay open that help to predict. Every second session of a subject is held out (or whole subjects, or
blocks of trials, by --hold-out): the report tells how well the network predicts those, for all and by
subject, beside chance and beside a baseline that knows how often the subject repeats its choice after a
reward and after none. Ctrl-C ends the training early and writes what is there; after that, or when it was
ended in any other way, the same command goes on where it was, to the bit as if it had not been ended.
"""

STUDY = """Train networks over sizes, prices, seeds, folds and data sets, as a TOML file describes them:

    [data]                       # columns as in `cogrnn-lab fit`: subject, session, choice, reward, ...
    table = "choices.csv"        # beside this file; several data sets are [data.mice], [data.rats], ...

    [study]                      # n_random, n_trials, seed, folds, hold_out, every, patience, report_every
    folds = 4

    [network]
    kind = "DisRNN"
    n_latents = 5

    [space]                      # lists; with n_random or n_trials also {low = 0.1, high = 10, log = true}
    price = [0.3, 1, 3]
    seed = [0, 1, 2]

Every run is kept when it is finished, and while it trains: the same command goes on where it was
interrupted, and begun in several terminals the runs are shared. The folder has a table (table.csv) and a
figure (study.png).
"""

FILES = """In the folder of --out: report.md and report.json (how well, which latents are open), run.npz
(cogrnn_lab.load reads it), latents.csv (every trial with the latents and the model's probabilities),
history.csv, and figures as PNG."""

DISCOVER = """Discover the model behind a table of choices and write what can be believed of it.

The table is a CSV file (also gzipped) or an Excel workbook with one row per trial, in order. Networks are
trained at every penalty on information, several seeds at once; sessions that they are not trained on choose
the penalty; equations with few numbers are searched for the same choices; and all is measured beside chance,
staying, classical models and a GRU on sessions that nothing saw. Interrupted by Ctrl-C or otherwise, the same
command goes on from what is finished.
"""

DISCOVERED = """In the folder of --out: report.html and report.md with its figures (what was found, what the
network does, and what it all rests on); path.npz, equations.npz and findings.npz (cogrnn_lab.load_discovery
reads the folder); parts/, what an interrupted run has finished."""

EXPLAIN = """Explain what a network does with the choices of a table: how it is wired and whether that is a
known strategy, what each of its latents stands for and is worth, what happens without it, and how the network
behaves when it plays the task by itself, beside the behavior in the table.

FOUND is the folder of a discovery (cogrnn-lab discover), whose equations and verdict are then told, too; or
the folder of a fit (cogrnn-lab fit), or the file of a run. The table is the one that it was found from, or
another one with the same columns, and is read by the same options. Sentences are made from the numbers, and
say "unclear" where these are:

    cogrnn-lab discover choices.csv --subject mouse --session day --out found
    cogrnn-lab explain found choices.csv --subject mouse --session day --out story
"""

EXPLAINED = """In the folder of --out: explanation.html, which needs no other file, and explanation.md with
its figures as PNG. Ctrl-C ends the command, and nothing is written."""
