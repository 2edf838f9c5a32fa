-- What the jury decides about: one row per closed dossier, with what it has heard of it and what it has decided.

create table candidatures (
    dossier_id           uuid        primary key,
    number               bigint      not null,
    filiere              text        not null,
    diploma              text        not null,
    mention              text        not null,
    equivalent_to        text        not null,
    first_school         text        not null,
    -- In the session's order, which says nothing of the candidate's (R14).
    schools              text[]      not null,
    other_route_declared boolean     not null,
    closed_at            timestamptz not null,
    -- Version of the dossier as intake last told it.
    heard_version        bigint      not null,

    -- R18. A signed decision moves by a correction only; the trigger below holds that against our own mistakes too.
    decision             text        not null default 'undecided' check (decision in ('undecided', 'draft', 'signed')),
    admissible           boolean,
    reason               text,
    -- Two people confirmed its publication; visible from the later of this and the printed instant (R19).
    released_at          timestamptz,
    -- The public fact was told, dated this.
    published_at         timestamptz,
    annulled_at          timestamptz,
    -- Version of this aggregate in the facts the jury tells.
    version              bigint      not null default 0,
    check ((decision = 'undecided') = (admissible is null)),
    check ((decision = 'undecided') = (reason is null)),
    check (released_at is null or decision = 'signed'),
    check (published_at is null or released_at is not null)
);
create index candidatures_undecided on candidatures (dossier_id) where decision <> 'signed' and annulled_at is null;

create function signed_decisions_stand() returns trigger language plpgsql as $$
begin
    if old.decision = 'signed' and new.decision <> 'signed' then
        raise exception 'the signed decision of % cannot be unsigned', old.dossier_id;
    end if;
    if old.annulled_at is not null and new.annulled_at is distinct from old.annulled_at then
        raise exception 'the nullity of % cannot be undone', old.dossier_id;
    end if;
    return new;
end
$$;
create trigger signed_decisions_stand before update on candidatures
    for each row execute function signed_decisions_stand();

-- What eligibility read in the tables (R16); it may be heard before the dossier itself.
create table assessments (
    dossier_id uuid   primary key,
    version    bigint not null
);
create table recevabilites (
    dossier_id uuid not null references assessments on delete cascade,
    school     text not null,
    reading    text not null check (reading in ('open', 'closed', 'for_jury')),
    table_name text not null,
    row_name   text not null,
    primary key (dossier_id, school)
);

-- What the jury found at one school (R16, R17).
create table determinations (
    dossier_id    uuid        not null references candidatures,
    school        text        not null,
    recevable     boolean     not null,
    reason        text        not null,
    determined_by text        not null,
    determined_at timestamptz not null,
    primary key (dossier_id, school)
);

create table opinions (
    dossier_id uuid        not null references candidatures,
    author     text        not null,
    favourable boolean     not null,
    opinion    text        not null,
    given_at   timestamptz not null,
    primary key (dossier_id, author)
);

-- The fee and the verification as last heard; both may be heard before the dossier.
create table fees (
    dossier_id uuid   primary key,
    version    bigint not null,
    status     text   not null
);
create table verifications (
    dossier_id uuid   primary key,
    version    bigint not null,
    verdict    text   not null
);

-- Results of the orals (R26): a mark in hundredths, or none for an absence. Earlier values stand in the audit log.
create table results (
    dossier_id  uuid        not null references candidatures,
    exam        text        not null,
    hundredths  integer     check (hundredths >= 0),
    recorded_by text        not null,
    recorded_at timestamptz not null,
    primary key (dossier_id, exam)
);
