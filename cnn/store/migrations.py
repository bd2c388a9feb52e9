"""The tables of the run store, and how those of older versions become them."""

# Each migration takes the store from one version to the next; the first creates it. Never edit a released migration:
# add a new one at the end.
MIGRATIONS = [
    """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, created REAL NOT NULL, folder TEXT NOT NULL,
    dataset_spec TEXT NOT NULL, network_spec TEXT NOT NULL, training_spec TEXT NOT NULL,
    status TEXT NOT NULL, message TEXT NOT NULL DEFAULT '', launched REAL,
    request TEXT NOT NULL DEFAULT '', requested_rate REAL,
    classes TEXT, fingerprint TEXT, facts TEXT NOT NULL DEFAULT '{}', probe_images TEXT NOT NULL DEFAULT '[]');
CREATE TABLE steps (
    run TEXT NOT NULL, step INTEGER NOT NULL, epoch INTEGER NOT NULL, loss REAL NOT NULL, smooth REAL NOT NULL,
    PRIMARY KEY (run, step)) WITHOUT ROWID;
CREATE TABLE epochs (
    run TEXT NOT NULL, epoch INTEGER NOT NULL, step INTEGER NOT NULL, train_loss REAL NOT NULL,
    train_accuracy REAL NOT NULL, val_loss REAL, val_accuracy REAL, seconds REAL NOT NULL,
    images_per_second REAL NOT NULL, PRIMARY KEY (run, epoch)) WITHOUT ROWID;
CREATE TABLE learning_rates (
    run TEXT NOT NULL, step INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY (run, step)) WITHOUT ROWID;
CREATE TABLE snapshots (
    run TEXT NOT NULL, step INTEGER NOT NULL, epoch REAL NOT NULL, PRIMARY KEY (run, step)) WITHOUT ROWID;
CREATE TABLE probes (
    run TEXT NOT NULL, step INTEGER NOT NULL, probabilities TEXT NOT NULL, PRIMARY KEY (run, step)) WITHOUT ROWID;
CREATE TABLE live (run TEXT PRIMARY KEY, progress TEXT NOT NULL, filters BLOB, filters_shape TEXT) WITHOUT ROWID
""",
    # New runs split images by content. Older runs keep their split by order.
    """
UPDATE runs SET dataset_spec = json_set(dataset_spec, '$.split', 'order') WHERE json_valid(dataset_spec)
""",
    # The user's name and tags for a run.
    """
ALTER TABLE runs ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT '[]'
""",
    # Defaults have changed: runs from before took pixels from 0 to 1, and began with PyTorch's own weights.
    """
UPDATE runs SET network_spec = json_set(network_spec, '$.preprocessing', 'unit', '$.initial_weights', 'pytorch')
WHERE json_valid(network_spec)
""",
    # What each epoch shows of single classes and layers, as JSON.
    """
ALTER TABLE epochs ADD COLUMN val_predicted TEXT NOT NULL DEFAULT '[]';
ALTER TABLE epochs ADD COLUMN val_right TEXT NOT NULL DEFAULT '[]';
ALTER TABLE epochs ADD COLUMN dead TEXT NOT NULL DEFAULT '[]'
""",
    # Dense units now start with a positive bias; those of older runs did not.
    """
UPDATE runs SET network_spec = json_set(network_spec, '$.dense_bias', 0.0) WHERE json_valid(network_spec)
""",
    # Defaults have changed: runs from before held out the images of a test folder, if there were no others to hold out.
    """
UPDATE runs SET dataset_spec = json_set(dataset_spec, '$.test_images', 'held_out') WHERE json_valid(dataset_spec)
""",
    # What the user writes about a run.
    """
ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT ''
""",
    # The queue: a run's turn, who wants it, and how often its trainer was lost without progress. Experiments.
    """
ALTER TABLE runs ADD COLUMN turn REAL;
ALTER TABLE runs ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN losses INTEGER NOT NULL DEFAULT 0;
CREATE TABLE experiments (
    id TEXT PRIMARY KEY, created REAL NOT NULL, folder TEXT NOT NULL, spec TEXT NOT NULL,
    guess TEXT NOT NULL DEFAULT '', paused INTEGER NOT NULL DEFAULT 0);
CREATE TABLE experiment_runs (
    experiment TEXT NOT NULL, variant INTEGER NOT NULL, seed INTEGER NOT NULL, run TEXT NOT NULL,
    PRIMARY KEY (experiment, variant, seed)) WITHOUT ROWID;
CREATE INDEX experiment_of_run ON experiment_runs (run)
""",
    # Reports. Every answer has one row for each version; the newest one counts. value: JSON. writer: the window that
    # wrote it, from `began` to `written`. removed: when a piece of evidence was removed, else NULL.
    """
CREATE TABLE reports (
    id TEXT PRIMARY KEY, created REAL NOT NULL, changed REAL NOT NULL, assignment TEXT NOT NULL, title TEXT NOT NULL,
    group_name TEXT NOT NULL DEFAULT '', students TEXT NOT NULL DEFAULT '', run TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE TABLE answers (
    report TEXT NOT NULL, question TEXT NOT NULL, written REAL NOT NULL, began REAL NOT NULL, writer TEXT NOT NULL,
    value TEXT NOT NULL, PRIMARY KEY (report, question, written)) WITHOUT ROWID;
CREATE TABLE tries (
    report TEXT NOT NULL, question TEXT NOT NULL, wrong INTEGER NOT NULL, PRIMARY KEY (report, question)) WITHOUT ROWID;
CREATE TABLE evidence (
    id TEXT PRIMARY KEY, report TEXT NOT NULL, step TEXT NOT NULL, place REAL NOT NULL, page TEXT NOT NULL,
    title TEXT NOT NULL, query TEXT NOT NULL, caption TEXT NOT NULL, run TEXT NOT NULL, run_name TEXT NOT NULL,
    picture TEXT NOT NULL, numbers TEXT NOT NULL, created REAL NOT NULL, removed REAL);
CREATE INDEX evidence_by_report ON evidence (report, place)
""",
    # A teacher's marks; for a rubric, what a question is worth.
    """
CREATE TABLE marks (
    hand_in TEXT NOT NULL, question TEXT NOT NULL, points REAL, comment TEXT NOT NULL, changed REAL NOT NULL,
    PRIMARY KEY (hand_in, question)) WITHOUT ROWID
""",
    # What the user has decided about labels. Columns: see cnn.store.kept_decisions.
    """
CREATE TABLE decisions (
    hash TEXT NOT NULL, given TEXT NOT NULL, now TEXT NOT NULL, path TEXT NOT NULL, decided REAL NOT NULL,
    PRIMARY KEY (hash, given)) WITHOUT ROWID
""",
]
