-- The periods and what happens in them. A computation is stored whole, inputs and outputs as canonical JSON with their
-- SHA-256, so that any period can be computed again byte for byte (R38). `cell` and `proposal` are the same outputs for
-- reading; nothing of them is shown before `opened_at` is set and the opening's instant has passed (R19).

create table period (
    number             integer     primary key,
    version            bigint      not null default 0,
    signature          bigint,
    computed_at        timestamptz,
    inputs             text,
    outputs            text,
    inputs_digest      text,
    outputs_digest     text,
    -- What the independent checker objects to.
    objections         text[]      not null default '{}',
    -- The opening's instant has come.
    opening_due        timestamptz,
    opened_at          timestamptz,
    override_digest    text,
    override_reason    text,
    override_prepared  text,
    override_confirmed text,
    -- The close's instant has come.
    close_due          timestamptz,
    close_waits        text check (close_waits in ('LOGIN_OUTAGE', 'NEVER_OPENED')),
    closed_at          timestamptz,
    check (opened_at is null or outputs is not null),
    check (closed_at is null or opened_at is not null)
);
create table cell (
    period       integer not null references period,
    school       text    not null,
    filiere      text    not null,
    seats        integer not null,
    taken        integer not null,
    last_called  integer not null,
    primary key (period, school, filiere)
);
create table proposal (
    period         integer not null references period,
    -- At most one per candidate (R29): the database itself refuses a second.
    dossier_id     uuid    not null,
    school         text    not null,
    filiere        text    not null,
    rank           integer not null,
    is_new         boolean not null,
    supernumerary  boolean not null,
    primary key (period, dossier_id)
);

-- First authenticated request of each period (R31); one row, whatever comes after.
create table log_in (
    period      integer     not null,
    dossier_id  uuid        not null,
    at          timestamptz not null,
    actor       text        not null,
    primary key (period, dossier_id)
);
-- The answer that stands (R30).
create table answer (
    period      integer     not null,
    dossier_id  uuid        not null references candidature,
    answer      text        not null check (answer in ('OUI_DEFINITIF', 'OUI_MAIS', 'NON_MAIS', 'ATTENTE', 'NON')),
    school      text,
    at          timestamptz not null,
    actor       text        not null,
    by_mandate  boolean     not null,
    version     bigint      not null,
    gives_up    text[]      not null,
    primary key (period, dossier_id)
);
-- The rule and the facts it rests on, as they were at the close.
create table elimination (
    period      integer not null references period,
    dossier_id  uuid    not null references candidature,
    reason      text    not null,
    rule        text    not null,
    facts       jsonb   not null,
    primary key (period, dossier_id)
);
-- What each candidature that a close changed was before it: a close is withdrawn when its window is reopened (R5).
create table before_close (
    period      integer not null references period,
    dossier_id  uuid    not null references candidature,
    standing    text    not null,
    school      text,
    given_up    text[]  not null,
    primary key (period, dossier_id)
);
create table outage (
    id          uuid        primary key,
    began_at    timestamptz not null,
    ended_at    timestamptz not null,
    reason      text        not null,
    actor       text        not null,
    check (began_at < ended_at)
);

-- Everything that happened to a candidature, in order.
create table history (
    dossier_id  uuid        not null references candidature,
    version     bigint      not null,
    at          timestamptz not null,
    what        text        not null,
    actor       text        not null,
    by_mandate  boolean     not null,
    period      integer     not null,
    standing    text        not null,
    school      text,
    answer      text,
    reason      text,
    primary key (dossier_id, version)
);
create index history_what on history (what, period);
