import { isRare } from './frequent-types.ts'

/**
 * The journal's database schema, as the steps that made it. A database remembers in `user_version` how many of them it
 * has had. Steps are only ever added: an old database is brought up to date by those that it lacks.
 */
export const migrations: readonly string[] = [
  // 1: the log itself.
  `CREATE TABLE events (
     position INTEGER PRIMARY KEY AUTOINCREMENT,
     stream   TEXT    NOT NULL,
     version  INTEGER NOT NULL,
     id       TEXT    NOT NULL UNIQUE,
     type     TEXT    NOT NULL,
     schema   INTEGER NOT NULL,
     at       INTEGER NOT NULL,
     data     TEXT    NOT NULL,
     meta     TEXT    NOT NULL,
     hash     BLOB    NOT NULL,
     UNIQUE (stream, version)
   ) STRICT;`,

  // 2: machine states at some versions, so that the state at any other is a short fold away.
  `CREATE TABLE snapshots (
     stream  TEXT    NOT NULL,
     machine TEXT    NOT NULL,
     version INTEGER NOT NULL,
     hash    BLOB    NOT NULL,
     state   BLOB    NOT NULL,
     PRIMARY KEY (stream, machine, version)
   ) STRICT, WITHOUT ROWID;`,

  // 3: how far each subscriber has come in each scope (a stream, or '*' for the whole journal).
  `CREATE TABLE cursors (
     subscriber TEXT    NOT NULL,
     scope      TEXT    NOT NULL,
     revision   INTEGER NOT NULL,
     cursor     INTEGER NOT NULL,
     status     TEXT    NOT NULL,
     failed_at  INTEGER,
     error      TEXT,
     PRIMARY KEY (subscriber, scope)
   ) STRICT, WITHOUT ROWID;`,

  // 4: where events lie that were archived, and by what their ids are found again.
  `CREATE TABLE archived_chunks (
     chunk          INTEGER PRIMARY KEY AUTOINCREMENT,
     stream         TEXT    NOT NULL,
     first_version  INTEGER NOT NULL,
     last_version   INTEGER NOT NULL,
     first_position INTEGER NOT NULL,
     last_position  INTEGER NOT NULL,
     events         INTEGER NOT NULL,
     types          TEXT    NOT NULL,
     positions      TEXT    NOT NULL,
     uri            TEXT    NOT NULL,
     bytes          INTEGER NOT NULL,
     sha256         TEXT    NOT NULL,
     UNIQUE (stream, last_version),
     UNIQUE (stream, last_position)
   ) STRICT;
   CREATE TABLE archived_ids (
     hash  INTEGER NOT NULL,
     chunk INTEGER NOT NULL,
     PRIMARY KEY (hash, chunk)
   ) STRICT, WITHOUT ROWID;`,

  // 5: the ways to the events that do not come with every step, in a stream and in the whole journal.
  `CREATE INDEX rare_events_of_streams ON events (stream, type, version) WHERE ${isRare};
   CREATE INDEX rare_events ON events (type, position) WHERE ${isRare};`,
]
