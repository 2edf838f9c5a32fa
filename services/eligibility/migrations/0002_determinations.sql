-- What the jury found, school by school (R16, R17). Under embargo until the admissibility results: every read asks
-- the calendar and `publications` (R19). No foreign key to `dossiers`: the two facts come from two services.
create table decisions (
    dossier_id uuid        primary key,
    -- When the jury first decided.
    decided_at timestamptz not null,
    -- Version of the jury's fact: a correction bears a higher one.
    version    bigint      not null
);

create table determinations (
    dossier_id uuid    not null references decisions,
    position   integer not null,
    school     text    not null,
    recevable  boolean not null,
    reason     text    not null,
    primary key (dossier_id, position)
);

-- Each confirmation by a second person releases the decisions signed until then; the instant alone shows nothing.
create table publications (
    confirmed_at timestamptz primary key,
    publish_at   timestamptz not null
);
