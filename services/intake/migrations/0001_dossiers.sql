-- The dossier: one row per candidate, which is locked by every command that changes it, so that the order of its
-- facts is the order of commits. Pieces, invitations and corrections hang from it.

create table dossiers (
    -- The candidate's id: one dossier each (R7).
    id              uuid primary key,
    -- Payment references are made from it (R21); gaps are harmless.
    number          bigint generated always as identity unique,
    -- Of the aggregate; grows with every fact told.
    version         bigint      not null default 0,
    state           text        not null default 'open' check (state in ('open', 'closed', 'not_closed')),
    opened_at       timestamptz not null,
    -- The caller's key of the request that opened it: a retry is told from a second dossier.
    open_request    uuid,

    family_name     text not null,
    first_names     text not null,
    -- Without case, accents and punctuation (R7, R23).
    family_folded   text not null,
    first_folded    text not null,
    birth_date      date not null,
    birth_place     text not null,
    email           text not null,
    nationality     text not null,
    phone           text not null,
    postal_address  text not null,

    studies         jsonb   not null default '[]',
    earlier_graduate boolean not null default false,
    other_route     boolean not null default false,

    diploma         text,
    mention         text,
    equivalent_to   text,
    filiere         text,
    -- What eligibility answered for every school, with table and row: the clôture is checked against it.
    standings       jsonb,
    -- Best first.
    school_order    text[] not null default '{}',

    fee_claim       text check (fee_claim in ('transfer', 'exemption')),
    fee_attestation uuid,
    fee_claimed_at  timestamptz,

    closed_at       timestamptz,
    digest          bytea,
    not_closed_at   timestamptz,

    verdict         text check (verdict in ('complete', 'correction_requested', 'incomplete')),
    verdict_at      timestamptz,

    check ((diploma is null) = (filiere is null) and (diploma is null) = (standings is null)),
    check ((fee_claim is null) = (fee_claimed_at is null)),
    check ((state = 'closed') = (closed_at is not null and digest is not null)),
    check ((state = 'not_closed') = (not_closed_at is not null)),
    check (state <> 'closed' or (cardinality(school_order) > 0 and diploma is not null and fee_claim is not null)),
    check (verdict is null or state = 'closed')
);
-- The list of the school of choice 1 (R14).
create index dossiers_to_verify on dossiers ((school_order[1]), number) where state = 'closed';
-- The same person under two accounts (R7), names in transfers (R23).
create index dossiers_by_person on dossiers (family_folded, first_folded, birth_date);
create index dossiers_by_first_word on dossiers ((split_part(family_folded, ' ', 1)));

-- Clôture freezes form, order and claim (R12); the database itself refuses otherwise. What was not closed stays as it is
-- too, unless the window is reopened for everyone (R5).
create function closed_stays_closed() returns trigger language plpgsql as $$
declare
    free text[] := '{version,verdict,verdict_at}';
begin
    if old.state = 'not_closed' and new.state = 'open' then
        free := '{version,state,not_closed_at}';
    end if;
    if old.state <> 'open' and (to_jsonb(new) - free) is distinct from (to_jsonb(old) - free) then
        raise exception 'dossier % is %: it stays as it is', old.id, old.state using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger closed_stays_closed before update on dossiers for each row execute function closed_stays_closed();

create table pieces (
    -- The id of the upload it comes from.
    id           uuid primary key,
    dossier_id   uuid        not null references dossiers,
    kind         text        not null,
    name         text        not null,
    size         bigint      not null check (size > 0),
    sha256       bytea       not null check (length(sha256) = 32),
    media        text        not null,
    -- Key in the object store, created once and never written again.
    object       text        not null unique,
    deposited_at timestamptz not null,
    purpose      text        not null check (purpose in ('piece', 'late', 'correction', 'fiche')),
    corrects     uuid references pieces,
    -- Taken out of an open dossier: no longer part of it.
    removed_at   timestamptz,
    verdict      text check (verdict in ('ok', 'unreadable')),
    verdict_at   timestamptz
);
create index pieces_of on pieces (dossier_id) where removed_at is null;

-- Nothing deposited is replaced or vanishes (R12).
create function pieces_stay() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'piece % stays', old.id using errcode = 'integrity_constraint_violation';
    end if;
    if (to_jsonb(new) - '{removed_at,verdict,verdict_at}'::text[]) is distinct from
       (to_jsonb(old) - '{removed_at,verdict,verdict_at}'::text[])
       or (new.removed_at is distinct from old.removed_at
           and (select state from dossiers where id = old.dossier_id) <> 'open') then
        raise exception 'piece % stays as it is', old.id using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger pieces_stay before update or delete on pieces for each row execute function pieces_stay();
