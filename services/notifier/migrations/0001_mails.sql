-- Mails to send, and the little that must be known to decide which. No name, no address, no content of a mail is here:
-- they are read from their owners when a mail is made, and leave with it.

-- What was heard of a dossier, as far as the next fact is measured against it. Each part has its source's version.
create table dossiers (
    dossier_id          uuid primary key,
    state               text        not null default 'unknown' check (state in ('unknown', 'open', 'closed', 'not_closed', 'abandoned')),
    annulled            boolean     not null default false,
    fee_version         bigint      not null default 0,
    fee_status          text        not null default '',
    fee_received        bigint      not null default 0,
    -- The admissibility result, not what it is.
    published_at        timestamptz,
    -- A convocation set after the results' instant; before it nothing of one is kept here (R19).
    convocation_version bigint      not null default 0,
    convocation_at      timestamptz,
    situation_version   bigint      not null default 0,
    situation           text        not null default '',
    situation_period    integer     not null default 0,
    situation_school    text        not null default ''
);
create index dossiers_open on dossiers (dossier_id) where state = 'open' and not annulled;

create table mails (
    id              uuid primary key,
    kind            text        not null,
    -- Null for account mail.
    dossier_id      uuid,
    -- The fact or moment this mail tells of, unique per kind and dossier: what keeps a fact from being told twice.
    cause           text        not null,
    -- When that was true.
    at              timestamptz not null,
    period          integer,
    school          text,
    due_cents       bigint,
    received_cents  bigint,
    -- Address and secret link come from who wants it sent, at each try; the sender's queue leaves it alone.
    taken           boolean     not null,
    state           text        not null default 'pending' check (state in ('pending', 'sent', 'bounced', 'given_up', 'moot')),
    -- Grows when a try begins, so that one whose outcome was never stored shows; the number guards what is stored of it.
    tries           integer     not null default 0,
    asked_at        timestamptz not null,
    -- From when on it may be tried until it is given up: a person may start that over.
    patience_from   timestamptz not null,
    next_try_at     timestamptz not null,
    -- By the database's own clock, the only one that replicas share.
    leased_until    timestamptz,
    sent_at         timestamptz,
    -- What the mail server said last, reduced to its codes.
    last_error      text        not null default '',
    -- Told on to who wanted it sent: that it left, or that it came back.
    reported        boolean     not null default false,
    arrival         bigint      generated always as identity unique,
    unique nulls not distinct (kind, dossier_id, cause)
);
create index mails_to_send on mails (next_try_at, arrival) where state = 'pending' and not taken;

-- Reminders, each fired once: the moment before (or at) a transition of the calendar, as it stood then.
create table reminders (
    transition text        not null,
    closes_at  timestamptz not null,
    due_at     timestamptz not null,
    -- Null while who is concerned cannot be said yet, because the period is not published.
    fired_at   timestamptz,
    primary key (transition, closes_at, due_at)
);

-- The demo's mailbox; empty wherever mail leaves by SMTP.
create table mailbox (
    mail_id   uuid primary key references mails,
    recipient text        not null,
    subject   text        not null,
    body_text text        not null,
    body_html text        not null,
    at        timestamptz not null,
    arrival   bigint      generated always as identity unique
);
create index mailbox_of on mailbox (recipient, arrival);
