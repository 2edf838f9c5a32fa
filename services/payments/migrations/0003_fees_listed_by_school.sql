-- What a school's list of fees is read from (R20, R22). Whether an exemption waits for its decision is derived by the
-- domain, like the status; its attestation is a piece that intake keeps and tells the id of.
alter table accounts add column exemption_waiting boolean not null default false;
alter table accounts add column attestation uuid;

update accounts a set exemption_waiting =
    coalesce((select e.claim = 'exemption' from entries e
              where e.dossier_id = a.dossier_id and e.claim is not null order by e.sequence desc limit 1), false)
    and not exists (select from entries e
                    where e.dossier_id = a.dossier_id and e.kind in ('exemption_accepted', 'exemption_refused'));

-- The fees that concern a school: owed to it, from clôture on (before, it is only a first choice, R14), or of candidates
-- whose money it holds or has ordered back.
create function fees_of(of_school text) returns setof accounts language sql stable as $$
    select a.* from accounts a where a.closed and a.payee = of_school
    union
    select a.* from accounts a join (
        select e.dossier_id from entries e
        where e.school = of_school and e.cents is not null and e.dossier_id is not null
        group by e.dossier_id
        having sum(case 'account' when e.to_pocket then e.cents when e.from_pocket then -e.cents else 0 end) <> 0
            or sum(case 'refunds' when e.to_pocket then e.cents when e.from_pocket then -e.cents else 0 end) <> 0
    ) money using (dossier_id)
$$;
