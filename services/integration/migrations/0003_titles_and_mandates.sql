-- What makes an admission definitive (R34), and who may act for a candidate (R36).

create table title_deposit (
    piece_id      uuid        primary key,
    dossier_id    uuid        not null references candidature,
    piece         text        not null,
    -- The deposit's own instant is what counts, however late it is looked at.
    deposited_at  timestamptz not null,
    accepted      boolean,
    reason        text,
    reviewed_at   timestamptz,
    reviewed_by   text
);
create index title_deposit_dossier on title_deposit (dossier_id);

-- The deadline that the calendar announced as passed; absent before it and after it was moved on.
create table title_deadline (
    single  boolean     primary key default true check (single),
    due_at  timestamptz not null
);

-- Received once; it follows the seat.
create table integration_dossier (
    dossier_id   uuid        primary key references candidature,
    school       text        not null,
    received_at  timestamptz not null,
    actor        text        not null
);

-- A code for a relative. Only its hash is kept: 125 random bits need no slow one.
create table mandate (
    id          uuid        primary key,
    dossier_id  uuid        not null,
    label       text        not null,
    code_hash   bytea       not null unique,
    created_at  timestamptz not null,
    revoked_at  timestamptz
);
create index mandate_dossier on mandate (dossier_id);
