-- Upload sessions: bytes arrive in order, and an offset is acknowledged only once its bytes are durable in the object
-- store. A session ends as one piece or not at all.

create table uploads (
    id            uuid primary key,
    dossier_id    uuid        not null references dossiers,
    kind          text        not null,
    purpose       text        not null check (purpose in ('piece', 'late', 'correction', 'fiche')),
    name          text        not null,
    size          bigint      not null check (size > 0),
    -- Next byte wanted.
    next_offset   bigint      not null default 0 check (next_offset between 0 and size),
    correction_id uuid,
    -- The link that authorises it (R11).
    invitation_id uuid,
    begun_at      timestamptz not null,
    -- The piece it became, which bears its id.
    committed_at  timestamptz,
    check ((purpose = 'correction') = (correction_id is not null)),
    check ((purpose = 'fiche') = (invitation_id is not null))
);
create index uploads_of on uploads (dossier_id) where committed_at is null;

create table upload_parts (
    upload_id uuid   not null references uploads,
    at_offset bigint not null,
    size      bigint not null check (size > 0),
    object    text   not null unique,
    primary key (upload_id, at_offset)
);
