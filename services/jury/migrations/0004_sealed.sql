-- What an audited act says about a result. Operators read the audit log, and results are under embargo (R19): the log
-- carries only the seal, SHA-256 of salt and content, which binds this row without telling it.

create table sealed (
    seal      text        primary key,
    salt      uuid        not null,
    -- Canonical JSON as sealed; text, so that it comes back byte for byte.
    content   text        not null,
    sealed_at timestamptz not null
);
create function seals_stand() returns trigger language plpgsql as $$
begin
    raise exception 'a sealed record is never changed';
end
$$;
create trigger seals_stand before update or delete on sealed for each row execute function seals_stand();
