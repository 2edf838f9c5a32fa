-- Who may sign in, and who is signed in. What people do once they are in lives with the other services: here are only
-- accounts of candidates, sessions of everyone, and what a form held when its session had ended.

create table accounts (
    -- Also the candidate's id everywhere else (R7: one dossier each, bearing this id).
    id          uuid primary key,
    -- As typed, and folded for comparison: one account per address.
    email       text not null,
    email_key   text not null unique,
    -- PHC string of argon2id; null while only a mailed link can set one.
    password    text,
    language    text not null check (language in ('fr', 'en')),
    -- Encrypted; null without a second factor.
    totp_secret bytea,
    -- Time step of the last code that was taken: no code twice.
    totp_step   bigint not null default 0,
    created_at  timestamptz not null,
    verified_at timestamptz,
    closed_at   timestamptz
);

-- Mail that waits for notifier (admissions.portal.v1.Accounts).
create table account_mails (
    id       uuid primary key,
    account  uuid references accounts (id) on delete cascade,
    kind     text not null check (kind in ('verify', 'reset', 'exists', 'changed')),
    email    text not null,
    language text not null check (language in ('fr', 'en')),
    asked_at timestamptz not null,
    until    timestamptz not null,
    sent_at  timestamptz,
    used_at  timestamptz
);
create index account_mails_waiting on account_mails (asked_at) where sent_at is null;

-- Tokens minted for a mail, as SHA-256: each is good until the mail ends or one of them is used.
create table account_links (
    token_sha256 bytea primary key,
    mail         uuid not null references account_mails (id) on delete cascade
);

create table sessions (
    -- SHA-256 of what the cookie holds: who reads this table cannot sign in with it.
    id_sha256     bytea primary key,
    -- 'candidate', 'mandate' or 'staff'.
    kind          text not null check (kind in ('candidate', 'mandate', 'staff')),
    -- Subject of the tokens we sign: account, mandate, or the provider's subject.
    subject       text not null,
    -- How to address them; empty where the address of the account is looked up instead.
    name          text not null,
    act_for       uuid,
    -- [{"role": "...", "school": "..."}], and which of them is worn now.
    grants        jsonb not null,
    worn          integer not null default 0,
    -- The password was right, the second factor is still asked for.
    half          boolean not null default false,
    created_at    timestamptz not null,
    seen_at       timestamptz not null,
    ended_at      timestamptz
);
create index sessions_of on sessions (subject);

-- What a form held when its session turned out to have ended; shown again to the same person once they are back.
create table held_forms (
    token_sha256 bytea primary key,
    subject      text not null,
    path         text not null,
    body         text not null,
    at           timestamptz not null
);

-- What a page wants to find again within a session, such as a search: never in an address.
create table remembered (
    session_sha256 bytea not null references sessions (id_sha256) on delete cascade,
    key            text not null,
    value          jsonb not null,
    primary key (session_sha256, key)
);

-- Tries per door and window of time.
create table tries (
    key_sha256 bytea not null,
    began      timestamptz not null,
    count      integer not null,
    primary key (key_sha256, began)
);
