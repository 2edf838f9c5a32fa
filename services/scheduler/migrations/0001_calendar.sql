-- The calendar of the one session this deployment plays. It is seeded once from the session file and from then on it is
-- the truth: what moves, moves here. Every replica works on the same rows; the row of `session` is the lock under which
-- a transition fires or moves, so that versions, rows and announcements have one order.
create table session (
    single  boolean primary key default true check (single),
    id      text    not null,
    zone    text    not null,
    -- Grows by one with each change; the version of every announcement.
    version bigint  not null check (version > 0)
);

create table transitions (
    key        text        primary key,
    -- The order of the procedure, which is also that of the instants: it decides between equal ones.
    position   integer     not null unique,
    -- What people read; `due_at` is the instant it is in `zone`.
    local_time text        not null,
    zone       text        not null,
    due_at     timestamptz not null,
    printed_at timestamptz not null,
    state      text        not null default 'pending' check (state in ('pending', 'fired')),
    -- Its due instant, not the one at which a late replica came to it.
    fired_at   timestamptz,
    -- Version of the calendar in which this row last changed.
    version    bigint      not null,
    check ((state = 'fired') = (fired_at is not null)),
    check (fired_at = due_at),
    -- Nothing is ever earlier than printed.
    check (due_at >= printed_at)
);
create index transitions_pending on transitions (due_at, position) where state = 'pending';

-- Moves of a transition, kept whether or not a second person confirmed them.
create table moves (
    id           uuid        primary key,
    key          text        not null references transitions (key),
    to_at        timestamptz not null,
    reason       text        not null check (reason <> ''),
    prepared_by  text        not null,
    prepared_at  timestamptz not null,
    confirmed_by text,
    confirmed_at timestamptz,
    -- Version of the calendar that it made.
    version      bigint unique,
    check ((confirmed_by is null) = (confirmed_at is null)),
    check ((confirmed_by is null) = (version is null)),
    -- Two people (R5).
    check (confirmed_by <> prepared_by)
);

-- Everything that a move moves: the transition itself and what depends on it.
create table shifts (
    move_id  uuid        not null references moves (id),
    position integer     not null,
    key      text        not null references transitions (key),
    from_at  timestamptz not null,
    to_at    timestamptz not null,
    reopens  boolean     not null,
    primary key (move_id, position),
    check (to_at > from_at)
);

-- The last version of the calendar that each service has taken as its own.
create table acknowledgements (
    service text        primary key,
    version bigint      not null,
    at      timestamptz not null
);
