-- A candidate can give up an open dossier: what it held is erased, its id and number stay taken. The database itself keeps
-- it empty.
alter table dossiers add column abandoned_at timestamptz;
alter table dossiers alter column birth_date drop not null;
alter table dossiers drop constraint dossiers_state_check;
alter table dossiers add constraint dossiers_state_check
    check (state in ('open', 'closed', 'not_closed', 'abandoned'));
alter table dossiers add constraint abandoned_is_dated check ((state = 'abandoned') = (abandoned_at is not null));
alter table dossiers add constraint nothing_is_left check (
    case when state = 'abandoned'
         then birth_date is null and diploma is null and fee_claim is null and school_order = '{}' and studies = '[]'
              and family_name || first_names || family_folded || first_folded || birth_place || email || nationality
                  || phone || postal_address = ''
         else birth_date is not null end);

-- Nothing deposited is replaced or vanishes (R12), but with a dossier that was given up before it was a candidature.
create or replace function pieces_stay() returns trigger language plpgsql as $$
declare
    free text[] := '{removed_at,verdict,verdict_at,verdict_by}';
    stands text := (select state from dossiers where id = old.dossier_id);
begin
    if tg_op = 'DELETE' then
        if stands <> 'abandoned' then
            raise exception 'piece % stays', old.id using errcode = 'integrity_constraint_violation';
        end if;
        return old;
    end if;
    if (to_jsonb(new) - free) is distinct from (to_jsonb(old) - free)
       or (new.removed_at is distinct from old.removed_at and stands <> 'open') then
        raise exception 'piece % stays as it is', old.id using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
