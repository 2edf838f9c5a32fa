-- What the jury found, school by school (R16, R17). Under embargo until the admissibility results: every read asks
-- the calendar and `publication` (R19). No foreign key to `dossiers`: the two facts come from two services.
create table decisions (
    dossier_id uuid   primary key,
    -- Version of the jury's fact: a correction bears a higher one.
    version    bigint not null
);

create table determinations (
    dossier_id uuid    not null references decisions,
    position   integer not null,
    school     text    not null,
    recevable  boolean not null,
    reason     text    not null,
    primary key (dossier_id, position)
);

-- A second person confirmed that the admissibility results go out; without it the instant alone shows nothing.
create table publication (
    single     boolean     primary key default true check (single),
    publish_at timestamptz not null
);
