"""One file per page, and what they share: the settings (state), the dataset (reading) and the runs."""
