-- What clamd found in a piece, by the SHA-256 of its content: the same file is not scanned at every look.
create table scans (
    sha256     bytea primary key check (length(sha256) = 32),
    -- Null: clean. Otherwise the name of what was found.
    signature  text,
    scanned_at timestamptz not null
);

-- A file between its preview and its confirmation, such as a bank statement: held for one session, for a short time, and
-- gone once confirmed. The same bytes are confirmed that were previewed, without a copy in the page that could be changed.
create table held_files (
    id             uuid primary key,
    session_sha256 bytea not null references sessions (id_sha256) on delete cascade,
    -- Page it was sent to: one file at a time for each.
    path           text not null,
    name           text not null,
    content        bytea not null,
    at             timestamptz not null,
    unique (session_sha256, path)
);
create index held_files_by_age on held_files (at);
