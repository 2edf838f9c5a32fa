create schema if not exists platform;

-- The calendar as this service last heard it: one row, absent until the first version arrives.
create table platform.calendar (
    single  boolean primary key default true check (single),
    version bigint not null,
    zone    text   not null
);

-- Its transitions, and which of them this service has acted on.
create table platform.transitions (
    key        text        primary key,
    -- Place in the calendar: the order of transitions that share an instant.
    position   integer     not null,
    due_at     timestamptz not null,
    fired_at   timestamptz,
    handled_at timestamptz
);

-- Windows this service guards, declared at each start. `closed` is flipped by the transaction that handles the
-- closing transition and by no clock.
create table platform.windows (
    name           text    primary key,
    opens          text    not null,
    closes         text    not null,
    -- This service does something at the opening: until that is stored, the window is not open yet.
    opening_effect boolean not null,
    closed         boolean not null default false
);

-- Takes the shared lock of a window and then, with a snapshot taken after the wait, reads it: one round trip.
create function platform.guard_window(window_name text)
returns table (opens_at timestamptz, closes_at timestamptz, closed boolean, opening boolean)
language plpgsql volatile as $$
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('platform.window:' || window_name, 0));
    return query
        select o.due_at, c.due_at, w.closed, w.opening_effect and o.handled_at is null
        from platform.windows w
        join platform.transitions o on o.key = w.opens
        join platform.transitions c on c.key = w.closes
        where w.name = window_name;
end
$$;
