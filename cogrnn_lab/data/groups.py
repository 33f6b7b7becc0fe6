"""Groups of sessions that share a model: those of a subject, each one, or all of a data set."""

from cogrnn_lab.data.dataset import Dataset

GROUPINGS = ("subject", "session", "all")

# (subject,), (subject, session) or ("all",). Names may hold any sign, so they are joined for display only.
GroupKey = tuple[str, ...]


def group_keys(dataset: Dataset, by: str = "subject") -> tuple[GroupKey, ...]:
    """For each session the key of its group."""
    if by not in GROUPINGS:
        raise ValueError(f'by = "{by}"; expected one of {", ".join(GROUPINGS)}.')
    if by == "all":
        return (("all",),) * dataset.n_sessions
    subjects = subjects_of_sessions(dataset)
    if by == "subject":
        return tuple((subject,) for subject in subjects)
    return tuple(zip(subjects, dataset.session_names, strict=True))


def subjects_of_sessions(dataset: Dataset) -> tuple[str, ...]:
    """For each session the name of its subject."""
    return tuple(dataset.subject_names[i] for i in dataset.subject)


def group_name(key: GroupKey) -> str:
    """A key as people read it: the subject, subject/session, or all."""
    return "/".join(key)
