-- The jury can annul a candidature (R15). Nothing is added to one that is no longer in the running, and the school of
-- choice 1 has nothing left to verify.
alter table dossiers add column annulled_at timestamptz;
alter table dossiers add constraint only_a_candidature_is_annulled check (annulled_at is null or state = 'closed');

create or replace function closed_stays_closed() returns trigger language plpgsql as $$
declare
    free text[] := '{version,verdict,verdict_at}';
begin
    if old.state = 'not_closed' and new.state = 'open' then
        free := '{version,state,not_closed_at}';
    end if;
    if old.annulled_at is null then
        free := free || '{annulled_at}';
    end if;
    if old.state <> 'open' and (to_jsonb(new) - free) is distinct from (to_jsonb(old) - free) then
        raise exception 'dossier % is %: it stays as it is', old.id, old.state using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
