-- Verification by the school of choice 1 (R14): what it asked for again, and each verdict it recorded.

create table corrections (
    id           uuid primary key,
    dossier_id   uuid        not null references dossiers,
    piece_id     uuid        not null references pieces,
    -- End, itself out.
    until        timestamptz not null,
    reason       text        not null,
    requested_at timestamptz not null,
    requested_by text        not null,
    deposited    uuid references pieces,
    check (until > requested_at)
);
create index corrections_of on corrections (dossier_id);

create table verdicts (
    dossier_id uuid        not null references dossiers,
    -- The dossier's version with it.
    version    bigint      not null,
    verdict    text        not null,
    note       text        not null,
    at         timestamptz not null,
    by         text        not null,
    primary key (dossier_id, version)
);
