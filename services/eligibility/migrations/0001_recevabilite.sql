-- What the tables said of each closed dossier when it was closed (R16): kept as it was said, with the table and row
-- cited, because the jury and the candidate must read the same words whatever becomes of the session file.
create table dossiers (
    dossier_id    uuid        primary key,
    filiere       text        not null,
    diploma       text        not null,
    mention       text        not null,
    equivalent_to text        not null,
    assessed_at   timestamptz not null,
    -- Version of the fact told about it.
    version       bigint      not null
);

-- One row per school applied to; `position` is the session file's order, which says nothing of the candidate's (R14).
create table recevabilites (
    dossier_id  uuid    not null references dossiers,
    position    integer not null,
    school      text    not null,
    recevabilite text   not null check (recevabilite in ('open', 'closed', 'for_jury')),
    cited_table text    not null,
    cited_row   text    not null,
    primary key (dossier_id, position),
    unique (dossier_id, school)
);
