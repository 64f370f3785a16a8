/** What an index holds. A change of meaning or layout takes a new version: an index of a newer one is refused, one of an older one made again. */
export const SCHEMA = 7;
/** "Cogs", in the place that SQLite has for telling whose file it is. */
export const APPLICATION = 0x436f6773;

/** Numbers of neurons are layer * UNITS + neuron. */
export const UNITS = 2 ** 24;

/**
 * Columns of numbers are little-endian arrays: of a layer's neurons as float64 (sum, firing), float32 (largest, low, high) and uint32
 * (histogram); of a row's tokens as uint32. What a neuron writes (`effect`) is the ten tokens that it raises most, by how much, and the ten that it lowers most. Of a
 * neuron's readings, `places` has the one of each place of its examples, 255 for none. `described` is what others say, imported.
 * `strongest` has the places (row * 65536 + position) of each neuron's strongest examples, and how many places that neuron has.
 */
export const tables = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE source (id INTEGER PRIMARY KEY, path TEXT NOT NULL, field TEXT, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL) STRICT;
CREATE TABLE token (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
CREATE TABLE line (id INTEGER PRIMARY KEY, source INTEGER NOT NULL, record INTEGER NOT NULL, offset INTEGER NOT NULL, ids BLOB NOT NULL, starts BLOB NOT NULL) STRICT;
CREATE TABLE mlp (
  layer INTEGER PRIMARY KEY, neurons INTEGER NOT NULL, activation TEXT NOT NULL, sum BLOB NOT NULL, firing BLOB NOT NULL, largest BLOB NOT NULL,
  low BLOB NOT NULL, high BLOB NOT NULL, histogram BLOB NOT NULL
) STRICT;
CREATE TABLE neuron (id INTEGER PRIMARY KEY, examples BLOB NOT NULL) STRICT;
CREATE TABLE effect (id INTEGER PRIMARY KEY, tokens BLOB NOT NULL) STRICT;
CREATE TABLE promoted (token INTEGER NOT NULL, neuron INTEGER NOT NULL, effect REAL NOT NULL, PRIMARY KEY (token, neuron)) STRICT, WITHOUT ROWID;
CREATE TABLE reading (id INTEGER PRIMARY KEY, meanings INTEGER NOT NULL, sure REAL, readings TEXT NOT NULL, places BLOB NOT NULL) STRICT;
CREATE TABLE fires (token INTEGER NOT NULL, neuron INTEGER NOT NULL, share REAL NOT NULL, activation REAL NOT NULL, PRIMARY KEY (token, neuron)) STRICT, WITHOUT ROWID;
CREATE TABLE described (neuron INTEGER NOT NULL, source TEXT NOT NULL, description TEXT NOT NULL, score REAL, PRIMARY KEY (neuron, source)) STRICT, WITHOUT ROWID;
CREATE TABLE strongest (place INTEGER NOT NULL, neuron INTEGER NOT NULL, places INTEGER NOT NULL, PRIMARY KEY (place, neuron)) STRICT, WITHOUT ROWID;
CREATE TABLE attention (layer INTEGER PRIMARY KEY, heads INTEGER NOT NULL) STRICT;
CREATE TABLE head (id INTEGER PRIMARY KEY, examples BLOB NOT NULL) STRICT;
`;
