create schema if not exists platform;

-- Who did what, appended with the act itself. The chain is computed behind the commit by a single chainer, because
-- computing it inline serialises every audited transaction: until then `position` and `hash` are empty.
create table platform.audit (
    seq      bigint generated always as identity primary key,
    at       timestamptz not null,
    actor    text        not null,
    action   text        not null,
    -- Canonical JSON as hashed; text, so that it comes back byte for byte.
    details  text        not null,
    position bigint unique,
    hash     bytea,
    check ((position is null) = (hash is null))
);
create index audit_unchained on platform.audit (seq) where position is null;

-- Where the chain ends, kept apart from it so that a tail cut off shows.
create table platform.audit_head (
    single   boolean primary key default true check (single),
    position bigint not null,
    hash     bytea  not null
);
