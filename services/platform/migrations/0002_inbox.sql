create schema if not exists platform;

-- One row per event a consumer has taken as its own, inserted with the event's effect: a late acknowledgement is
-- still accepted by the broker, so this row, and no acknowledgement, is what keeps an effect from happening twice.
create table platform.inbox (
    consumer   text        not null,
    event_id   uuid        not null,
    handled_at timestamptz not null default clock_timestamp(),
    primary key (consumer, event_id)
);

-- Events that could not be handled, and the later ones of their aggregate that wait behind them, for a person.
create table platform.set_aside (
    seq          bigint generated always as identity primary key,
    consumer     text        not null,
    event_id     uuid        not null,
    subject      text        not null,
    kind         text        not null,
    source       text        not null,
    aggregate    text        not null,
    version      bigint      not null,
    time         timestamptz not null,
    traceparent  text,
    payload      bytea       not null,
    tries        integer     not null,
    error        text        not null,
    set_aside_at timestamptz not null default clock_timestamp(),
    -- When a replay handled it; the row stays as a record.
    replayed_at  timestamptz,
    unique (consumer, event_id)
);
create index set_aside_waiting on platform.set_aside (consumer, aggregate, seq) where replayed_at is null;
