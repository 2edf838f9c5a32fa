-- The person in charge of studies (R11): whom the candidate named, the links sent to them, what they deposited.

create table invitations (
    id         uuid primary key,
    dossier_id uuid        not null references dossiers,
    -- From 1 per dossier; only the last one can be open.
    number     integer     not null,
    name       text        not null,
    email      text        not null,
    capacity   text        not null,
    state      text        not null default 'pending' check (state in ('pending', 'sent', 'bounced', 'used', 'revoked')),
    -- When it was used or revoked.
    ended_at   timestamptz,
    bounce     text,
    invited_at timestamptz not null,
    unique (dossier_id, number),
    check ((state in ('used', 'revoked')) = (ended_at is not null))
);
create unique index one_open_invitation on invitations (dossier_id) where state in ('pending', 'sent', 'bounced');
create index invitations_to_send on invitations (invited_at) where state = 'pending';

-- A link is known by the SHA-256 of its token; the token is in the mail and nowhere else.
create table invitation_tokens (
    fingerprint   bytea primary key check (length(fingerprint) = 32),
    invitation_id uuid        not null references invitations,
    minted_at     timestamptz not null
);

create table fiches (
    dossier_id    uuid primary key references dossiers,
    invitation_id uuid        not null references invitations,
    deposited_at  timestamptz not null,
    digest        bytea       not null check (length(digest) = 32),
    -- Either a file or answers.
    piece_id      uuid references pieces,
    answers       jsonb,
    check ((piece_id is null) <> (answers is null))
);
