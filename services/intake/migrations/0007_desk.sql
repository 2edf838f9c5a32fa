-- What the people who verify need at their desk (R14): who checked a piece, and notes of their school's own.
alter table pieces add column verdict_by text;

create table notes (
    -- The caller's key, if it gave one: a retry adds nothing.
    id         uuid primary key,
    place      bigint      generated always as identity unique,
    dossier_id uuid        not null references dossiers,
    school     text        not null,
    author     text        not null,
    at         timestamptz not null,
    text       text        not null
);
create index notes_of on notes (dossier_id, school, place);

create function notes_stay() returns trigger language plpgsql as $$
begin
    raise exception 'notes are append-only' using errcode = 'integrity_constraint_violation';
end $$;
create trigger notes_stay before update or delete or truncate on notes for each statement execute function notes_stay();
