-- Other routes' lists (R15): which file was imported, and which of our dossiers matched. No name is kept.

create table imports (
    route       text        not null,
    digest      text        not null,
    lines       integer     not null,
    imported_by text        not null,
    imported_at timestamptz not null,
    primary key (route, digest)
);
create table matches (
    -- No reference to candidatures: a dossier may match before it is closed.
    dossier_id  uuid        not null,
    route       text        not null,
    line        integer     not null,
    imported_at timestamptz not null,
    primary key (dossier_id, route)
);
