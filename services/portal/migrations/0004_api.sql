-- Tokens of other systems (REST API). Each belongs to one school and asks in one role, that of whoever made it; the
-- services check both again, as they do for people.
create table api_tokens (
    -- Also the id of the form that made it, so that a form sent twice makes one token.
    id           uuid primary key,
    -- SHA-256 of the token: who reads this table cannot use it.
    token_sha256 bytea not null unique check (length(token_sha256) = 32),
    school       text not null,
    role         text not null check (role in ('staff', 'finance')),
    -- Which system it is for, in the school's own words.
    name         text not null,
    -- Words such as 'dossiers:read'.
    scopes       text[] not null,
    -- Subjects of the people who made and revoked it.
    made_by      text not null,
    made_at      timestamptz not null,
    expires_at   timestamptz not null,
    -- Its last request, to the minute.
    seen_at      timestamptz,
    revoked_by   text,
    revoked_at   timestamptz
);
create index api_tokens_of on api_tokens (school, role, made_at);

-- Requests that change something, by the key their system gave them: asked again, they are answered again.
create table api_requests (
    token          uuid not null references api_tokens (id) on delete cascade,
    key            text not null,
    -- Of operation, path and body: the same key for something else is refused.
    request_sha256 bytea not null check (length(request_sha256) = 32),
    began_at       timestamptz not null,
    -- Null until it was answered.
    status         smallint,
    body           bytea,
    primary key (token, key)
);
create index api_requests_by_age on api_requests (began_at);
