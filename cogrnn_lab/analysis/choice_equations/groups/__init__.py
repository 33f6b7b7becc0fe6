"""The numbers of equations refitted to groups of sessions: to each subject, and to bootstrap samples."""
