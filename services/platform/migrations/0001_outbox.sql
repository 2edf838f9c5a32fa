create schema if not exists platform;

-- What this service told, written in the transaction that made it true. Rows stay after publication: from them the
-- relay publishes again whatever the broker lost. `seq` orders the facts of one aggregate (its row is locked before
-- a fact is appended); between aggregates it promises nothing.
create table platform.outbox (
    seq          bigint generated always as identity primary key,
    event_id     uuid        not null unique,
    stream       text        not null,
    subject      text        not null,
    kind         text        not null,
    source       text        not null,
    aggregate    text        not null,
    version      bigint      not null,
    time         timestamptz not null,
    traceparent  text,
    payload      text        not null,
    published_at timestamptz,
    stream_seq   bigint,
    -- Creation time of the stream that holds it: a stream made anew starts its sequences again.
    generation   text
);
create index outbox_unpublished on platform.outbox (seq) where published_at is null;
create index outbox_published on platform.outbox (stream, stream_seq) where published_at is not null;
