"""What has a model of its own: a subject, a session, or all of a data set together."""

from cogrnn_lab.data.dataset import Dataset

GROUPINGS = ("subject", "session", "all")


def group_labels(dataset: Dataset, by: str = "subject") -> tuple[str, ...]:
    """For each session the name of its group: the subject's, subject/session, or "all"."""
    if by not in GROUPINGS:
        raise ValueError(f'by = "{by}"; expected one of {", ".join(GROUPINGS)}.')
    if by == "all":
        return ("all",) * dataset.n_sessions
    subjects = tuple(dataset.subject_names[i] for i in dataset.subject)
    if by == "subject":
        return subjects
    return tuple(
        f"{subject}/{session}" for subject, session in zip(subjects, dataset.session_names, strict=True)
    )
