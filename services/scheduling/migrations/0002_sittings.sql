-- Whom to convene and when. Under embargo until the admissibility results: every read asks the calendar and
-- `publications` (R19).
create table candidates (
    dossier_id      uuid        primary key,
    state           text        not null check (state in ('admissible', 'rejected', 'annulled')),
    -- School of choice 1, which convenes; unknown when nullity came before any decision.
    school          text        references schools,
    -- This candidate's orals at a distance, under this address if it is not the school's.
    remote          boolean     not null default false,
    link            text        not null default '',
    -- What kept the last plan from placing the candidate.
    missing         text        not null default '',
    -- When the jury first decided, and the version of its last word.
    decided_at      timestamptz,
    decided_version bigint      not null default 0,
    -- Version of the facts told about this candidate.
    version         bigint      not null default 0,
    check (state = 'annulled' or (school is not null and decided_at is not null))
);
create index candidates_school on candidates (school, dossier_id);

-- One exam of one candidate. The database itself refuses two at once for a candidate, a panel, a room (R24) ...
create table sittings (
    dossier_id uuid        not null references candidates,
    exam       text        not null check (exam in ('interview', 'english')),
    school     text        not null,
    panel      text        not null,
    room       text,
    begins_at  timestamptz not null,
    ends_at    timestamptz not null,
    during     tstzrange   not null generated always as (tstzrange(begins_at, ends_at)) stored,
    primary key (dossier_id, exam),
    foreign key (school, panel) references panels,
    foreign key (school, room) references rooms,
    check (begins_at < ends_at),
    constraint one_exam_at_once_per_candidate exclude using gist (dossier_id with =, during with &&),
    constraint one_exam_at_once_per_panel exclude using gist (school with =, panel with =, during with &&),
    constraint one_exam_at_once_per_room exclude using gist (school with =, room with =, during with &&)
        where (room is not null)
);

-- ... and for an examiner, whatever panels and schools they sit for. Filled by the database from the panel, so that
-- no writer can leave an examiner out. Several members of one panel share one sitting: one row each.
create table examiner_sittings (
    dossier_id uuid      not null,
    exam       text      not null,
    examiner   text      not null,
    during     tstzrange not null,
    primary key (dossier_id, exam, examiner),
    foreign key (dossier_id, exam) references sittings on delete cascade,
    constraint one_exam_at_once_per_examiner exclude using gist (examiner with =, during with &&)
);

create function seat_examiners() returns trigger language plpgsql as $$
begin
    delete from examiner_sittings where dossier_id = new.dossier_id and exam = new.exam;
    insert into examiner_sittings (dossier_id, exam, examiner, during)
    select new.dossier_id, new.exam, member, new.during
    from panels, unnest(panels.examiners) as member
    where panels.school = new.school and panels.panel = new.panel;
    return null;
end
$$;
create trigger sittings_seat_examiners after insert or update on sittings
    for each row execute function seat_examiners();

create function panels_with_exams_stand() returns trigger language plpgsql as $$
begin
    if exists (select from sittings where school = old.school and panel = old.panel) then
        raise exception 'panel % of % has exams: its members stand', old.panel, old.school;
    end if;
    return new;
end
$$;
create trigger panels_stand before update on panels
    for each row when (old.examiners is distinct from new.examiners or old.exam is distinct from new.exam)
    execute function panels_with_exams_stand();

-- What convened candidates say against their slot (R25).
create table constraints (
    dossier_id uuid        not null references candidates,
    stated_at  timestamptz not null,
    reason     text        not null,
    primary key (dossier_id, stated_at)
);
