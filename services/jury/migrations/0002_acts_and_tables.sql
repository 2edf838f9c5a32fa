-- Acts of two people, and what they sign: admissibility, tables, seats, nullity.

create table acts (
    act_id                 uuid        primary key,
    seq                    bigint      generated always as identity unique,
    kind                   text        not null,
    -- What it is about: a dossier, a cell, "admissibility", "admission".
    subject                text        not null,
    -- What was asked, in the shape of commands::Asked.
    asked                  jsonb       not null,
    digest                 text        not null,
    covers                 bigint      not null,
    reason                 text        not null,
    prepared_by            text        not null,
    prepared_by_president  boolean     not null,
    prepared_at            timestamptz not null,
    state                  text        not null check (state in ('prepared', 'confirmed', 'replaced', 'withdrawn')),
    confirmed_by           text,
    confirmed_by_president boolean,
    confirmed_at           timestamptz,
    signature              bigint      not null default 0,
    publish_at             timestamptz,
    check ((state = 'confirmed') = (confirmed_by is not null)),
    check ((confirmed_by is null) = (confirmed_at is null) and (confirmed_by is null) = (confirmed_by_president is null)),
    -- Two people, one of them a president: the database itself refuses one person's act.
    check (confirmed_by is null or confirmed_by <> prepared_by),
    check (confirmed_by is null or prepared_by_president or confirmed_by_president)
);
-- One preparation of a kind on a subject waits at a time.
create unique index acts_waiting on acts (kind, subject) where state = 'prepared';

-- Where the admissibility stands: one row, the lock of everything that signs or publishes it.
create table admissibility (
    single      boolean     primary key default true check (single),
    -- Confirmed by a second person for the first time.
    released_at timestamptz,
    -- The transition `admissibility_results` has run here: later confirmations publish at once.
    due_at      timestamptz,
    version     bigint      not null default 0
);
insert into admissibility default values;

-- Where the admission stands: one row, the lock of tables and marks.
create table admission (
    single      boolean     primary key default true check (single),
    signature   bigint      not null default 0,
    digest      text,
    signed_at   timestamptz,
    released_at timestamptz,
    version     bigint      not null default 0,
    check ((signature = 0) = (digest is null) and (signature = 0) = (signed_at is null)),
    check (released_at is null or signature > 0)
);
insert into admission default values;

-- Tables as last submitted, best first.
create table drafts (
    school       text        not null,
    filiere      text        not null,
    dossier_ids  uuid[]      not null,
    submitted_by text        not null,
    submitted_at timestamptz not null,
    primary key (school, filiere)
);

-- Tables as signed (R27): rows are only ever added, under the next signature.
create table signed_tables (
    signature   bigint not null,
    school      text   not null,
    filiere     text   not null,
    dossier_ids uuid[] not null,
    primary key (signature, school, filiere)
);
create function signed_tables_stand() returns trigger language plpgsql as $$
begin
    raise exception 'a signed table is never changed: sign a corrected one under the next number';
end
$$;
create trigger signed_tables_stand before update or delete on signed_tables
    for each row execute function signed_tables_stand();

-- Seats per school and filière (R28). `taken` is what the last computation heard of holds or proposes.
create table cells (
    school          text    not null,
    filiere         text    not null,
    -- Place in the session's order.
    position        integer not null unique,
    printed         integer not null check (printed > 0),
    seats           integer not null check (seats >= 0),
    computed_period integer not null default 0,
    computed_version bigint not null default 0,
    taken           integer check (taken >= 0),
    primary key (school, filiere)
);
create table schools (
    school  text   primary key,
    version bigint not null default 0
);
create table transfers (
    request_id   uuid        primary key,
    school       text        not null,
    from_filiere text        not null,
    to_filiere   text        not null,
    moved        integer     not null check (moved > 0),
    reason       text        not null,
    moved_by     text        not null,
    moved_at     timestamptz not null,
    from_period  integer     not null,
    from_seats   integer     not null,
    to_seats     integer     not null
);

-- Seats beyond the published number (R33), one per person and school.
create table supernumeraries (
    dossier_id  uuid    not null references candidatures,
    school      text    not null,
    filiere     text    not null,
    from_period integer not null,
    act_id      uuid    not null references acts,
    primary key (dossier_id, school)
);
