"""Names that columns have in published tables, and what they usually mean."""

import re
from collections.abc import Iterable, Sequence

# letters and digits only, the most telling first
KNOWN = {
    "subject": (
        "subject", "subjectid", "subjid", "subjidx", "subj", "subjectidx", "subjectnr", "subjectnumber",
        "subjectno", "subjnum", "subnum", "subjno", "subid", "sub", "participant", "participantid",
        "participantnumber", "participantno", "participantpublicid", "participantprivateid", "partnum",
        "partid",
        "ppt", "pptid", "ppid", "prolificpid", "prolificid", "workerid", "pid", "sid", "person", "personid",
        "player", "playerid", "observer", "observerid", "patient", "patientid", "respondent", "respondentid",
        "userid", "user", "vp", "vpn", "mouse", "mouseid", "mousename", "rat", "ratid", "ratname", "animal",
        "animalid", "animalname", "monkey", "monkeyid", "monkeyname", "bird", "birdid", "fish", "fly",
        "flyid", "id",
    ),
    "session": (
        "session", "sessionid", "sessionname", "sessionidx", "sess", "sessid", "sessionnumber", "sessionnum",
        "sessionno", "sessionnr", "sessnum", "sessiondate", "sessionday", "day", "date", "run", "runid",
        "runnumber", "block", "blockid", "blocknumber", "blocknum", "blockno", "blocknr", "blockindex",
        "game", "gameid", "gamenumber",
    ),
    "choice": (
        "choice", "choices", "response", "action", "decision", "chosen", "side", "resp", "animalresponse",
        "choiceside", "chosenside", "chosenarm", "chosenoption", "keychoice", "choicemade", "level1choice",
    ),
    "reward": (
        "reward", "rewards", "rewarded", "outcome", "feedback", "correct", "win", "points", "earnedreward",
        "payoff", "payout", "won", "money", "score",
    ),
    "trial": (
        "trial", "trials", "trialnumber", "trialnum", "trialnr", "trialno", "trialid", "trialidx",
        "trialindex", "trialcount", "trialcounter", "trialn", "ntrial", "tn", "trialsthisn",
        "trialsthistrialn", "thisn", "thistrialn",
    ),
}  # fmt: skip
FALLBACKS = {  # words inside a longer name
    "subject": ("subject", "participant", "mouse_", "animal_", "ratname"),
    "session": ("session",),
    "choice": ("choice", "response"),
    "reward": ("reward",),
}
_GAINS = {"gain", "gains", "win", "wins", "won"}
_LOSSES = {"loss", "losses", "lose", "loses", "lost", "punishment", "cost"}
_PAID = re.compile(r"reward|outcome|feedback|points|payoff|payout|gain|loss|win|lose|water", re.IGNORECASE)
_CHANCE = re.compile(r"^(p|pr|prob|probability|chance)[_. ]|prob", re.IGNORECASE)
_SIDE = re.compile(r"([_. ]?(left|right)|[_. ]+[lrab12]|(?<=[a-z])[LR12])$|^(left|right|[lr](?=[_. ]))[_. ]?")


def plain(name: str) -> str:
    """Its letters and digits in lower case."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def named(role: str, columns: Iterable[str]) -> list[str]:
    """Columns whose names mean this role, the most telling first."""
    columns = list(columns)
    exact = [one for known in KNOWN[role] for one in columns if plain(one) == known]
    words = FALLBACKS.get(role, ())
    partly = [one for word in words for one in columns if word in one.lower() and not is_chance(one)]
    return list(dict.fromkeys((*exact, *partly)))


def is_chance(name: str) -> bool:
    """Tell whether a name is that of a probability rather than of an outcome."""
    return _CHANCE.search(name) is not None


def reward_pairs(columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Columns that hold a part of the reward each: one a side, or gains and losses."""
    gains, losses = ([one for one in columns if plain(one) in names] for names in (_GAINS, _LOSSES))
    pairs = [(gains[0], losses[0])] if gains and losses else []
    stems: dict[str, list[str]] = {}
    for one in columns:
        if _PAID.search(one) and not is_chance(one) and (stem := _SIDE.sub("", one)) != one:
            stems.setdefault(plain(stem), []).append(one)
    return pairs + [tuple(of_stem) for of_stem in stems.values() if len(of_stem) > 1]


def is_loss(name: str) -> bool:
    """Tell whether a name says that its amounts are lost."""
    return plain(name) in _LOSSES
