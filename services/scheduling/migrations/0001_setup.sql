-- What each school sets up for its orals (R24). One row per school serialises what its planners do.
create extension if not exists btree_gist;

create table schools (
    school text    primary key,
    -- All orals at a distance (R25), under this address.
    remote boolean not null default false,
    link   text    not null default '',
    check (link <> '' or not remote)
);

create table panels (
    school    text   not null references schools,
    panel     text   not null,
    exam      text   not null check (exam in ('interview', 'english')),
    examiners text[] not null check (cardinality(examiners) > 0),
    primary key (school, panel)
);

create table rooms (
    school text not null references schools,
    room   text not null,
    primary key (school, room)
);

create table days (
    school     text        not null references schools,
    day        date        not null,
    opens_at   timestamptz not null,
    closes_at  timestamptz not null,
    lunch_from timestamptz not null,
    lunch_to   timestamptz not null,
    primary key (school, day)
);

create table breaks (
    school     text        not null,
    day        date        not null,
    begins_at  timestamptz not null,
    ends_at    timestamptz not null,
    primary key (school, day, begins_at),
    foreign key (school, day) references days on delete cascade
);

create table absences (
    absence_id uuid        primary key,
    school     text        not null references schools,
    examiner   text        not null,
    begins_at  timestamptz not null,
    ends_at    timestamptz not null,
    reason     text        not null,
    unique (school, examiner, begins_at, ends_at)
);
create index absences_examiner on absences (examiner);
