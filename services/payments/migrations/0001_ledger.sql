-- The fee ledger: append-only entries are the truth (R20–R22); what stands beside them is derived by the domain and kept
-- so that lists need no fold. Money is integer cents of the session's currency. A school's entries are written under that
-- school's advisory lock, so that their sequence is the order of commits and a page once read never changes.

create table accounts (
    -- The dossier, which bears its candidate's id.
    dossier_id uuid primary key,
    -- The reference is made from it (R21).
    number     bigint      not null unique,
    opened_at  timestamptz not null,
    -- Of the aggregate; grows with every fact told. The row is locked before anything is entered for the dossier.
    version    bigint      not null default 0,

    -- Derived from the entries, by the domain alone.
    status     text        not null default 'due',
    payee      text,
    closed     boolean     not null default false,
    due        bigint      not null,
    received   bigint      not null default 0
);
create index accounts_closed on accounts (payee, status) where closed;

create table lines (
    id             uuid primary key,
    -- Whose bank account it is on.
    school         text        not null,
    -- Together these make the line's identity: importing it again changes nothing (R23).
    bank_reference text        not null,
    booked_on      date        not null,
    cents          bigint      not null check (cents <> 0),
    ordinal        integer     not null check (ordinal >= 0),

    -- As the bank tells it. Names of candidates are never copied here from elsewhere.
    reversal       boolean     not null,
    counterparty   text        not null,
    remittance     text        not null,
    end_to_end     text        not null,
    format         text        not null check (format in ('camt053', 'cfonb120')),
    imported_at    timestamptz not null,
    arrival        bigint      generated always as identity unique,

    state          text        not null check (state in ('queued', 'placed', 'unknown', 'sent_back')),
    why            text        check (why in ('no_reference', 'unknown_reference', 'ambiguous')),
    dossier_id     uuid        references accounts,
    placed_as      text        check (placed_as in ('received', 'taken_back', 'refund_came_back', 'paid_out', 'refund_sent')),
    -- A search by name is still to come.
    to_search      boolean     not null,

    unique (school, bank_reference, booked_on, cents, ordinal),
    check ((state = 'queued') = (why is not null)),
    check ((state = 'placed') = (dossier_id is not null and placed_as is not null)),
    check (state = 'queued' or not to_search)
);
create index lines_waiting on lines (school, arrival) where state in ('queued', 'unknown');
-- A reversal points to what it undoes.
create index lines_end_to_end on lines (school, end_to_end) where state = 'placed' and end_to_end <> '';

create table entries (
    sequence    bigint generated always as identity primary key,
    at          timestamptz not null,
    actor       text        not null,
    kind        text        not null,
    dossier_id  uuid        references accounts,
    school      text,
    -- What the candidate's side said, or was decided: no money.
    claim       text        check (claim in ('transfer', 'exemption')),
    -- Double entry: `cents` from one pocket of the school to another.
    from_pocket text        check (from_pocket in ('bank', 'counter', 'queue', 'unknown', 'account', 'refunds')),
    to_pocket   text        check (to_pocket in ('bank', 'counter', 'queue', 'unknown', 'account', 'refunds')),
    cents       bigint      check (cents <> 0),
    placed_as   text        check (placed_as in ('received', 'taken_back', 'refund_came_back', 'paid_out', 'refund_sent')),
    line_id     uuid        references lines,
    -- The school's own number of a receipt or an order: the same act twice is one.
    receipt     text,
    note        text        not null default '',

    check ((cents is null) = (from_pocket is null) and (cents is null) = (to_pocket is null)),
    check (cents is null or school is not null),
    check (from_pocket <> to_pocket),
    check (dossier_id is not null or 'account' not in (from_pocket, to_pocket))
);
create index entries_of_dossier on entries (dossier_id, sequence) where dossier_id is not null;
create index entries_of_school on entries (school, sequence) where cents is not null;
create unique index entries_receipt on entries (school, kind, receipt) where receipt is not null;

create function entries_stay() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is append-only' using errcode = 'integrity_constraint_violation';
end $$;
create trigger entries_stay before update or delete or truncate on entries for each statement execute function entries_stay();

-- What a line tells never changes, only what became of it.
create function lines_stay() returns trigger language plpgsql as $$
begin
    if (to_jsonb(new) - '{state,why,dossier_id,placed_as,to_search}'::text[]) is distinct from
       (to_jsonb(old) - '{state,why,dossier_id,placed_as,to_search}'::text[]) then
        raise exception 'a bank line stays as it was imported' using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger lines_stay before update on lines for each row execute function lines_stay();
