-- Who is in the integration and what was signed about them. Everything the computation of a period depends on is here,
-- so that it can be gathered under one lock and stored with its result (R38).

-- A closed dossier. `standing` and `school` are what has been published; a computed proposal is not in them before its opening.
create table candidature (
    dossier_id         uuid        primary key,
    filiere            text        not null,
    closed_at          timestamptz not null,
    -- The order of schools has arrived (R14: not before the admission commission).
    preferences_known  boolean     not null default false,
    standing           text        not null default 'waiting' check (standing in (
        'not_retained', 'waiting', 'proposed', 'holding', 'accepted', 'admitted', 'lapsed', 'resigned', 'eliminated', 'annulled')),
    school             text,
    reason             text check (reason in ('no_login', 'no_answer')),
    -- Last period whose opening or close touched it.
    period             integer     not null default 0,
    -- The aggregate's version: grows with every fact told about it.
    version            bigint      not null default 0,
    check ((standing in ('proposed', 'holding', 'accepted', 'admitted', 'lapsed')) = (school is not null)),
    check ((standing = 'eliminated') = (reason is not null))
);

-- Its schools, in the candidate's order. `rank` is the one published at the last opening.
create table choice (
    dossier_id     uuid    not null references candidature,
    position       integer not null,
    school         text    not null,
    rank           integer,
    given_up       boolean not null default false,
    supernumerary  boolean not null default false,
    primary key (dossier_id, position),
    unique (dossier_id, school)
);

-- A sign-off of the jury; its tables may arrive before or after it.
create table sign_off (
    signature  bigint      primary key,
    schools    text[]      not null,
    filieres   text[]      not null,
    digest     text        not null,
    signed_at  timestamptz not null
);
create table signed_table (
    signature    bigint not null,
    school       text   not null,
    filiere      text   not null,
    dossier_ids  uuid[] not null,
    primary key (signature, school, filiere)
);
-- A second person confirmed that this sign-off's results go out.
create table publication (signature bigint primary key);

-- Seats after a transfer (R28), from the opening of a period on; without a row the session file's count.
create table seats (
    school       text    not null,
    filiere      text    not null,
    from_period  integer not null,
    seats        integer not null check (seats >= 0),
    version      bigint  not null,
    primary key (school, filiere, from_period)
);
-- A seat kept for one person (R33).
create table supernumerary (
    dossier_id   uuid    not null,
    school       text    not null,
    from_period  integer not null,
    primary key (dossier_id, school)
);
