-- Fees that were unsettled at the instant before the admissibility commission (R22), stored when the transition ran: the
-- jury decides on that list, whatever is paid afterwards.

create table unsettled_lists (
    single    boolean primary key default true check (single),
    listed_at timestamptz not null
);

create table unsettled (
    dossier_id uuid primary key references accounts,
    school     text   not null,
    status     text   not null,
    due        bigint not null,
    received   bigint not null,
    elsewhere  bigint not null
);
create index unsettled_by_school on unsettled (school, dossier_id);
